-- Grain: one row per reporter, product, flow, year and snapshot: the published sum over all partners.
-- Why: kept apart from the flows; it reconciles them and must never be added to them.
select
    upper(trim(reporter_iso3)) as reporter_iso3_code,
    product_code,
    case flow_code when 'M' then 'import' when 'X' then 'export' else lower(flow_code) end as flow_code,
    cast(year as integer) as year,
    value_usd,
    snapshot_id
from {{ source('comtrade', 'world_total') }}
