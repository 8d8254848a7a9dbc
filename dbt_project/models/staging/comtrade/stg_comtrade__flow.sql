-- Grain: one row per reporter, partner, product, flow, year and snapshot, as published.
-- Why: codes of two, four and six digits stand side by side, so the level is said here once.
select
    upper(trim(reporter_iso3)) as reporter_iso3_code,
    upper(trim(partner_iso3)) as partner_iso3_code,
    reporter_name,
    partner_name,
    product_code,
    cast(length(product_code) as integer) as product_level,
    product_name,
    lower(flow_label) as flow_code,
    cast(year as integer) as year,
    value_usd,
    snapshot_id
from {{ source('comtrade', 'flow') }}
