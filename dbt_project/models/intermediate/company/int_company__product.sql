-- Grain: one row per surveyed company and HS heading it makes.
-- Why: products to four digits, from the code a company stated, else from the code of its text.
with slot as (
    select
        answer.company_id,
        answer.item_code,
        max(case when answer.question_concept_id = 'PRODUCT_HS' then coalesce(answer.answer_code, answer.raw_value) end)
            as hs_text,
        max(case when answer.question_concept_id = 'PRODUCT_SHARE' then answer.answer_num end) as share_pct
    from {{ ref('int_survey__answer') }} as answer
    inner join {{ ref('int_company__survey') }} as company
        on answer.company_id = company.company_id and answer.wave_id = company.last_wave_id
    where
        answer.question_concept_id in ('PRODUCT_HS', 'PRODUCT_SHARE', 'PRODUCT_TEXT')
        and answer.answer_status_code = 'answered'
    group by answer.company_id, answer.item_code
),

stated as (
    select
        company_id,
        item_code,
        case when {{ matches("replace(replace(trim(hs_text), '.', ''), ' ', '')", '[0-9]{4}([0-9]{2})?([0-9]{2})?') }}
            then substr(replace(replace(trim(hs_text), '.', ''), ' ', ''), 1, 4) end as hs4_code,
        share_pct
    from slot
),

-- A line of the questionnaire that names several things shares its turnover among them.
texted as (
    select
        coded.company_id,
        coded.item_code,
        substr(coded.code, 1, 4) as hs4_code,
        coded.status_code,
        count(*) over (partition by coded.company_id, coded.item_code) as thing_count
    from {{ ref('int_text__coded') }} as coded
    inner join {{ ref('int_company__survey') }} as company
        on coded.company_id = company.company_id and coded.wave_id = company.last_wave_id
    where coded.classification_code = 'HS' and coded.question_concept_id = 'PRODUCT_TEXT'
),

named as (
    select company_id, hs4_code, share_pct, 'stated' as code_source_code
    from stated
    where hs4_code is not null
    union all
    select
        stated.company_id,
        texted.hs4_code,
        stated.share_pct / texted.thing_count as share_pct,
        case when texted.status_code = 'decided' then 'text_decided' else 'text_automatic' end as code_source_code
    from stated
    inner join texted on stated.company_id = texted.company_id and stated.item_code = texted.item_code
    where stated.hs4_code is null
)

select
    company_id,
    hs4_code,
    sum(share_pct) as product_share_pct,
    case
        when max(case when code_source_code = 'stated' then 1 else 0 end) = 1 then 'stated'
        when max(case when code_source_code = 'text_decided' then 1 else 0 end) = 1 then 'text_decided'
        else 'text_automatic'
    end as code_source_code
from named
group by company_id, hs4_code
