-- Grain: region x HS heading of the chosen edition x year: employees linked to the heading.
-- Why: nobody counts employees by product. Those of a published cell are shared by the headings its classes make, by the
-- bridge's weights, so that none is lost or doubled; the country's are shared the same way. What went through a cell with
-- several headings rests on that assumption, and its share is said.
with bridge as (
    select b.classification_code, b.product_code, b.wz_revision, b.wz_code, b.weight
    from {{ ref('bridge_product_industry') }} as b
    inner join {{ ref('int_region_opportunity__edition') }} as e on b.classification_code = e.classification_code
    where length(b.product_code) = 4
),

by_node as (
    select
        n.region_code, n.year, n.wz_revision, n.node_code, n.node_level, n.employees_count, n.low_count, n.high_count,
        n.is_hidden, n.base_count, b.classification_code, b.product_code,
        sum(b.weight) as weight
    from {{ ref('int_region_opportunity__node') }} as n
    inner join bridge as b on n.wz_revision = b.wz_revision and n.class_code = b.wz_code
    group by
        n.region_code, n.year, n.wz_revision, n.node_code, n.node_level, n.employees_count, n.low_count, n.high_count,
        n.is_hidden, n.base_count, b.classification_code, b.product_code
),

shared as (
    select
        *,
        weight / sum(weight) over (partition by region_code, year, wz_revision, node_code, classification_code) as part,
        count(*) over (partition by region_code, year, wz_revision, node_code, classification_code) as heading_count
    from by_node
)

select
    region_code,
    classification_code,
    product_code,
    year,
    sum(employees_count * part) as employees_count,
    sum(low_count * part) as low_count,
    sum(high_count * part) as high_count,
    sum(base_count * part) as base_count,
    sum(case when heading_count > 1 then employees_count * part else 0 end) as split_count,
    cast(min(node_level) as integer) as node_level,
    max(case when is_hidden then 1 else 0 end) = 1 as is_hidden
from shared
group by region_code, classification_code, product_code, year
