-- Grain: one row per company and HS6 product it names, in the newest response that names any.
-- Why: what a company makes, as far as its codes are six digits deep; the share stays NULL where it was not stated.
with newest_wave as (
    select company_id, wave_id
    from {{ ref('int_survey__newest') }}
    where group_code = 'products'
),

slot as (
    select
        answer.company_id,
        answer.item_code,
        max(case when answer.question_concept_id = 'PRODUCT_HS' then coalesce(answer.answer_code, answer.raw_value) end)
            as hs_text,
        max(case when answer.question_concept_id = 'PRODUCT_SHARE' then answer.answer_num end) as share_pct
    from {{ ref('int_survey__answer') }} as answer
    inner join newest_wave on answer.company_id = newest_wave.company_id and answer.wave_id = newest_wave.wave_id
    where answer.question_concept_id in ('PRODUCT_HS', 'PRODUCT_SHARE') and answer.answer_status_code = 'answered'
    group by answer.company_id, answer.item_code
),

coded as (
    select company_id, replace(replace(trim(hs_text), '.', ''), ' ', '') as hs_code, share_pct
    from slot
)

select
    company_id,
    substr(hs_code, 1, 6) as hs6_code,
    sum(share_pct) as product_share_pct
from coded
where {{ matches('hs_code', '[0-9]{6}([0-9]{2})?') }}
group by company_id, substr(hs_code, 1, 6)
