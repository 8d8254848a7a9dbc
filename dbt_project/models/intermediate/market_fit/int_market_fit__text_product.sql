-- Grain: one thing that a line of the product block names, where the line has no HS code, in the newest response that names any.
-- Why: a product named in words only is a product all the same. A heading is taken down to six digits only where world trade
-- knows a single subheading of it; a heading with several would be a guess, and stays with the headings of the profile.
with newest_wave as (
    select company_id, wave_id
    from {{ ref('int_survey__newest') }}
    where group_code = 'products'
),

slot as (
    select
        answer.company_id,
        answer.wave_id,
        answer.item_code,
        max(case when answer.question_concept_id = 'PRODUCT_HS' then 1 else 0 end) as has_code,
        max(case when answer.question_concept_id = 'PRODUCT_SHARE' then answer.answer_num end) as share_pct
    from {{ ref('int_survey__answer') }} as answer
    inner join newest_wave on answer.company_id = newest_wave.company_id and answer.wave_id = newest_wave.wave_id
    where
        answer.question_concept_id in ('PRODUCT_HS', 'PRODUCT_SHARE', 'PRODUCT_TEXT')
        and answer.answer_status_code = 'answered'
    group by answer.company_id, answer.wave_id, answer.item_code
),

named as (
    select
        coded.company_id,
        coded.item_code,
        coded.part_no,
        coded.code,
        coded.status_code,
        -- A line that names several things shares its turnover among them.
        slot.share_pct / count(*) over (partition by coded.company_id, coded.item_code) as product_share_pct
    from {{ ref('int_text__coded') }} as coded
    inner join slot
        on coded.company_id = slot.company_id and coded.wave_id = slot.wave_id and coded.item_code = slot.item_code
    where slot.has_code = 0 and coded.classification_code = 'HS' and coded.question_concept_id = 'PRODUCT_TEXT'
),

only_subheading as (
    select substr(hs6_code, 1, 4) as hs4_code, max(hs6_code) as hs6_code
    from {{ ref('int_market_fit__market') }}
    group by substr(hs6_code, 1, 4)
    having count(distinct hs6_code) = 1
)

select
    named.company_id,
    named.item_code,
    named.part_no,
    case when length(named.code) = 6 then named.code else only_subheading.hs6_code end as hs6_code,
    named.product_share_pct,
    case when named.status_code = 'decided' then 'text_decided' else 'text_automatic' end as code_source_code
from named
left join only_subheading on named.code = only_subheading.hs4_code
where length(named.code) = 6 or only_subheading.hs6_code is not null
