-- Grain: one row per wave and company.
-- Why: the questions with one answer, turned into columns once; NULL means not answered, whatever the reason. A text is
-- the code the reader made of it, else what was typed.
with answer as (
    select
        wave_id,
        response_id,
        question_concept_id,
        answer_code,
        coalesce(answer_code, trim(raw_value)) as answer_text,
        answer_num,
        answer_low
    from {{ ref('int_survey__answer') }}
    where answer_status_code = 'answered'
)

select
    response.source_id,
    response.wave_id,
    response.company_id,
    response.response_id,
    response.is_complete,
    response.answered_at,
    response.is_synthetic,
    response.snapshot_id,
    max(case when answer.question_concept_id = 'LEGAL_NAME' then answer.answer_text end) as legal_name,
    max(case when answer.question_concept_id = 'LEGAL_FORM' then answer.answer_code end) as legal_form_code,
    max(case when answer.question_concept_id = 'REG_COURT' then answer.answer_text end) as register_court_text,
    max(case when answer.question_concept_id = 'REG_TYPE' then answer.answer_code end) as register_type_code,
    max(case when answer.question_concept_id = 'REG_NO' then answer.answer_text end) as register_number_text,
    max(case when answer.question_concept_id = 'LEI' then answer.answer_text end) as lei,
    max(case when answer.question_concept_id = 'SITE_POSTCODE' then answer.answer_text end) as postcode_text,
    max(case when answer.question_concept_id = 'SITE_CITY' then answer.answer_text end) as town_text,
    max(case when answer.question_concept_id = 'MAIN_WZ' then answer.answer_text end) as wz2008_text,
    max(case when answer.question_concept_id = 'HEADCOUNT' then answer.answer_num end) as headcount,
    max(case when answer.question_concept_id = 'TURNOVER_BAND' then answer.answer_code end) as turnover_band_code,
    max(case when answer.question_concept_id = 'TURNOVER_BAND' then answer.answer_low end) as turnover_low_eur,
    max(case when answer.question_concept_id = 'GROUP_MEMBER' then answer.answer_code end) as group_member_code,
    max(case when answer.question_concept_id = 'GROUP_HEADCOUNT_BAND' then answer.answer_low end) as group_headcount_low,
    max(case when answer.question_concept_id = 'AUTO_REV_SHARE' then answer.answer_num end) as automotive_share_pct,
    max(case when answer.question_concept_id = 'ICE_REV_SHARE' then answer.answer_num end) as ice_share_pct,
    max(case when answer.question_concept_id = 'ENERGY_COST_SHARE' then answer.answer_num end) as energy_cost_share_pct,
    max(case when answer.question_concept_id = 'OPEN_POSITIONS' then answer.answer_num end) as open_positions_count,
    max(case when answer.question_concept_id = 'TOP1_SHARE_BAND' then answer.answer_num end) as top_customer_share_pct
from {{ ref('int_survey__response') }} as response
left join answer on response.wave_id = answer.wave_id and response.response_id = answer.response_id
group by
    response.source_id,
    response.wave_id,
    response.company_id,
    response.response_id,
    response.is_complete,
    response.answered_at,
    response.is_synthetic,
    response.snapshot_id
