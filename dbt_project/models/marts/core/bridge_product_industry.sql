-- Grain: one product of one edition and one WZ 2008 class that makes it.
-- Why: from product to industry and back. The list names headings; six-digit codes follow their heading unless
-- the list names them. Products of no listed industry have no row: coating and machining make no goods at all.
with product as (
    select classification_code, product_code, substr(product_code, 1, 4) as heading_code
    from {{ ref('dim_product_hs') }}
    where product_level in (4, 6)
),

named as (
    select distinct hs_code from {{ ref('bridge_hs4_wz') }}
)

select
    p.classification_code,
    p.product_code,
    'WZ2008' as wz_revision,
    b.wz2008_code as wz_code,
    cast(b.weight as double) as weight,
    case when b.hs_code = p.product_code then b.method_code else b.method_code || '_inherited' end as method_code,
    'bridge_hs4_wz' as source_id
from product as p
left join named as own on p.product_code = own.hs_code
inner join {{ ref('bridge_hs4_wz') }} as b on b.hs_code = coalesce(own.hs_code, p.heading_code)
