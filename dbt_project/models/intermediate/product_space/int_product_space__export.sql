-- Grain: one row per source, classification, year, exporter and product with exports above zero.
-- Why: the matrix every product-space measure starts from: exports to the whole world, newest vintage only.
-- BACI gives partners, so its flows are summed; the world table already is the sum.
select
    source_id,
    classification_code,
    cast(extract(year from period_start) as integer) as year,
    reporter_code as location_code,
    product_code,
    product_level,
    sum(value_usd) as value_usd
from {{ ref('fct_trade_flow') }}
where
    is_latest_vintage
    and flow_code = 'export'
    and (source_id = 'baci' or (source_id = 'hs4_world_exports' and partner_code = 'W00'))
group by source_id, classification_code, period_start, reporter_code, product_code, product_level
having sum(value_usd) > 0
