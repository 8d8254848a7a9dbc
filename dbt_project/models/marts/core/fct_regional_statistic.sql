-- Grain: one official regional figure per source, table, indicator, region, industry, characteristic, period, vintage.
-- Why: one long table for every official figure; missing, secret and zero stay three things, all vintages are kept.
select
    source_id,
    table_code,
    indicator_code,
    region_code,
    wz_revision,
    wz_code,
    is_aggregate,
    characteristic_code,
    period_start,
    period_type_code,
    vintage_id,
    cast(value as double) as value,
    unit_code,
    value_status_code,
    source_symbol,
    snapshot_id
from {{ ref('int_region__statistic') }}
