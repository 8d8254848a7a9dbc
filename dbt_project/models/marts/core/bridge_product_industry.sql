-- Grain: one product of one edition and one WZ 2008 code that makes it.
-- Why: from product to industry and back. The official chain CN, CPA, NACE decides where its lists are loaded; what no
-- industry makes (used goods) is left out there and the rest taken as the whole. Elsewhere the list of headings
-- decides; six-digit codes follow their heading unless the list names them, and products of no listed industry have no
-- row: coating and machining make no goods at all.
with product as (
    select classification_code, product_code, substr(product_code, 1, 4) as heading_code
    from {{ ref('dim_product_hs') }}
    where product_level in (4, 6)
),

official as (
    select
        scheme_from, code_from, code_to, weight,
        sum(weight) over (partition by scheme_from, code_from) as made_share
    from {{ ref('int_classification__bridge') }}
    where scheme_from like 'HS%' and scheme_to = 'WZ2008' and code_to <> 'UNMAPPED'
),

unofficial as (
    select p.classification_code, p.product_code, p.heading_code
    from product as p
    left join (select distinct scheme_from, code_from from official) as o
        on p.classification_code = o.scheme_from and p.product_code = o.code_from
    where o.code_from is null
),

named as (
    select distinct hs_code from {{ ref('bridge_hs4_wz') }}
)

select
    p.classification_code,
    p.product_code,
    'WZ2008' as wz_revision,
    o.code_to as wz_code,
    o.weight / o.made_share as weight,
    'official_chain'
    || case when o.weight < o.made_share - 1e-9 then '_equal_split' else '' end
    || case when o.made_share < 1 - 1e-9 then '_of_goods_made' else '' end as method_code,
    'correspondence' as source_id
from product as p
inner join official as o on p.classification_code = o.scheme_from and p.product_code = o.code_from
union all
select
    p.classification_code,
    p.product_code,
    'WZ2008',
    b.wz2008_code,
    cast(b.weight as double),
    case when b.hs_code = p.product_code then b.method_code else b.method_code || '_inherited' end,
    'bridge_hs4_wz'
from unofficial as p
left join named as own on p.product_code = own.hs_code
inner join {{ ref('bridge_hs4_wz') }} as b on b.hs_code = coalesce(own.hs_code, p.heading_code)
