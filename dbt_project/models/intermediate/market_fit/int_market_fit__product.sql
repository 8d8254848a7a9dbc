-- Grain: one row per company and HS6 product it names, in the newest response that names any.
-- Why: what a company makes, as far as its codes are six digits deep; the share stays NULL where it was not stated. A line
-- without a code counts by the code of its text, and the row says so.
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
    select company_id, replace(replace(trim(hs_text), '.', ''), ' ', '') as hs_code, share_pct, 'stated' as code_source_code
    from slot
    union all
    select company_id, hs6_code as hs_code, product_share_pct as share_pct, code_source_code
    from {{ ref('int_market_fit__text_product') }}
)

select
    company_id,
    substr(hs_code, 1, 6) as hs6_code,
    sum(share_pct) as product_share_pct,
    case
        when max(case when code_source_code = 'stated' then 1 else 0 end) = 1 then 'stated'
        when max(case when code_source_code = 'text_decided' then 1 else 0 end) = 1 then 'text_decided'
        else 'text_automatic'
    end as code_source_code
from coded
where {{ matches('hs_code', '[0-9]{6}([0-9]{2})?') }}
group by company_id, substr(hs_code, 1, 6)
