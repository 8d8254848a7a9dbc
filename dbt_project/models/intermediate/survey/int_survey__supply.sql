-- Grain: one row per wave, company and input slot of the supplier block that names a good, a country or a share.
-- Why: the slots of block D side by side, for supply links and for the dependency on countries and inputs.
with slot as (
    select
        wave_id,
        company_id,
        response_id,
        item_code as slot_code,
        snapshot_id,
        max(case when question_concept_id = 'SUP_INPUT_HS4' then coalesce(answer_code, trim(raw_value)) end)
            as hs4_text,
        max(case when question_concept_id = 'SUP_COUNTRY' then answer_code end) as country_iso2_code,
        max(case when question_concept_id = 'SUP_SHARE_BAND' then answer_code end) as share_band_code,
        max(case when question_concept_id = 'SUP_SHARE_BAND' then answer_num end) as share_pct,
        max(case when question_concept_id = 'SUP_SHARE_BAND' then answer_low end) as share_low_pct,
        max(case when question_concept_id = 'SUP_SHARE_BAND' then answer_high end) as share_high_pct,
        max(case when question_concept_id = 'SUP_SINGLE' then answer_code end) as single_source_code,
        max(case when question_concept_id = 'SUP_SWITCH_TIME' then answer_code end) as switch_time_code,
        max(case when question_concept_id = 'SUP_NAME' then coalesce(answer_code, trim(raw_value)) end) as supplier_name
    from {{ ref('int_survey__answer') }}
    where
        answer_status_code = 'answered'
        and question_concept_id in (
            'SUP_INPUT_HS4', 'SUP_COUNTRY', 'SUP_SHARE_BAND', 'SUP_SINGLE', 'SUP_SWITCH_TIME', 'SUP_NAME'
        )
    group by wave_id, company_id, response_id, item_code, snapshot_id
)

select
    wave_id,
    company_id,
    response_id,
    slot_code,
    case when {{ matches("hs4_text", "[0-9]{4}") }} then hs4_text end as hs4_code,
    country_iso2_code,
    share_band_code,
    share_pct,
    share_low_pct,
    share_high_pct,
    case when single_source_code is not null then single_source_code = '1' end as is_single_source,
    switch_time_code,
    supplier_name,
    snapshot_id
from slot
where hs4_text is not null or country_iso2_code is not null or share_pct is not null
