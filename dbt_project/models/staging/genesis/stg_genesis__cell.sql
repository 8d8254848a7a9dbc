-- Grain: one published cell per table, indicator, region, industry, characteristic, period and snapshot.
-- Why: symbols stay beside the numbers; what a symbol means depends on its neighbours and is judged later.
select
    table_code,
    statistics_code,
    time_code,
    time_value,
    region_variable_code,
    trim(region_raw_code) as region_raw_code,
    trim(region_label) as region_label,
    wz_revision,
    wz_raw_code as wz_code,
    wz_label,
    characteristic_code as characteristic_raw_code,
    indicator_raw_code,
    indicator_label,
    unit_label,
    value_raw,
    value,
    symbol as source_symbol,
    quality_code,
    snapshot_id
from {{ source('genesis', 'cell') }}
