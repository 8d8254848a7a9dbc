-- Grain: one code of one edition of the Harmonized System.
-- Why: editions with an official list take it as it is. An edition without one (HS 2007 behind the world table)
-- gets the codes that are traded and their headings, named after the nearest later edition that has the code,
-- else the nearest earlier one.
with official as (
    -- An edition may come as several lists, in German and in English: each gives the names it has.
    select
        h.classification_code, h.product_code,
        max(h.product_name_de) as product_name_de,
        max(h.product_name_en) as product_name_en
    from {{ ref('stg_hs__product') }} as h
    inner join {{ ref('int_meta__snapshot') }} as s on h.snapshot_id = s.snapshot_id and s.is_latest_vintage
    group by h.classification_code, h.product_code
),

baci as (
    select e.classification_code, b.product_code, b.product_name
    from {{ ref('stg_baci__product') }} as b
    inner join {{ ref('int_meta__snapshot') }} as s on b.snapshot_id = s.snapshot_id and s.is_latest_vintage
    inner join {{ ref('hs_edition') }} as e on e.baci_code = s.partition_key
),

delivered as (
    select classification_code, product_code, product_name from baci
    union all
    select distinct classification_code, product_code, cast(null as {{ dbt.type_string() }})
    from {{ ref('int_trade__hs4_world_exports') }}
    union all
    select distinct classification_code, product_code, cast(null as {{ dbt.type_string() }})
    from {{ ref('int_trade__comtrade') }}
),

unlisted as (
    select d.classification_code, d.product_code, d.product_name
    from delivered as d
    left join (select distinct classification_code from official) as o
        on d.classification_code = o.classification_code
    where o.classification_code is null
),

with_parents as (
    select classification_code, product_code, product_name from unlisted
    union all
    select classification_code, substr(product_code, 1, 4), null from unlisted where length(product_code) > 4
    union all
    select classification_code, substr(product_code, 1, 2), null from unlisted where length(product_code) > 2
),

completed as (
    select classification_code, product_code, max(product_name) as product_name
    from with_parents
    group by classification_code, product_code
),

named_after as (
    select
        c.classification_code, c.product_code, o.product_name_de, o.product_name_en,
        row_number() over (
            partition by c.classification_code, c.product_code
            order by
                case when o.classification_code > c.classification_code then 0 else 1 end,
                case when o.classification_code > c.classification_code then o.classification_code end,
                o.classification_code desc
        ) as nearness
    from completed as c
    inner join official as o on c.product_code = o.product_code
)

select classification_code, product_code, product_name_de, product_name_en
from official
union all
select
    c.classification_code, c.product_code, l.product_name_de, coalesce(c.product_name, l.product_name_en)
from completed as c
left join named_after as l
    on c.classification_code = l.classification_code and c.product_code = l.product_code and l.nearness = 1
