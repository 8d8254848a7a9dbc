{{ config(meta={'rule_id': 'TRD-005', 'needs': 'int_trade__comtrade where product_level = 2'}) }}
-- The publisher's total of a chapter against its codes: never less than they add up to, and where every code of the
-- chapter was delivered, the same. Secret detail stands in the chapter only: the limit leaves that much room for it.
with flow as (
    select
        reporter_code, partner_code, flow_code, year, classification_code, product_level,
        substr(product_code, 1, 2) as chapter_code,
        product_code,
        value_usd
    from {{ ref('int_trade__comtrade') }}
    where is_latest_vintage
),

chapter as (
    select reporter_code, partner_code, flow_code, year, chapter_code, value_usd from flow where product_level = 2
),

code as (
    select
        reporter_code, partner_code, flow_code, year, classification_code, chapter_code, product_level,
        sum(value_usd) as value_usd
    from flow
    where product_level > 2
    group by reporter_code, partner_code, flow_code, year, classification_code, chapter_code, product_level
),

-- Asked for is what any reporter has; a chapter is complete where that is everything the edition lists.
asked as (
    select classification_code, product_level, chapter_code, count(distinct product_code) as code_count
    from flow
    where product_level > 2
    group by classification_code, product_level, chapter_code
),

listed as (
    select classification_code, product_level, substr(product_code, 1, 2) as chapter_code, count(*) as code_count
    from {{ ref('dim_product_hs') }}
    group by classification_code, product_level, substr(product_code, 1, 2)
)

select
    c.reporter_code, c.partner_code, c.flow_code, c.year, c.chapter_code, k.product_level,
    c.value_usd as published_usd, k.value_usd as summed_usd
from chapter as c
inner join code as k
    on
        c.reporter_code = k.reporter_code and c.partner_code = k.partner_code and c.flow_code = k.flow_code
        and c.year = k.year and c.chapter_code = k.chapter_code
inner join asked as a
    on
        k.classification_code = a.classification_code and k.product_level = a.product_level
        and k.chapter_code = a.chapter_code
left join listed as l
    on
        k.classification_code = l.classification_code and k.product_level = l.product_level
        and k.chapter_code = l.chapter_code
where
    100 * (k.value_usd - c.value_usd) > {{ gate('TRD-005', 'chapter_difference_max_pct') }} * c.value_usd
    or (
        a.code_count >= l.code_count
        and 100 * (c.value_usd - k.value_usd) > {{ gate('TRD-005', 'chapter_difference_max_pct') }} * c.value_usd
    )
