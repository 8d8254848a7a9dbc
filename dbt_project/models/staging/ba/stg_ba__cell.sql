-- Grain: one published cell per table, reference date, region, industry, characteristic, indicator and snapshot.
-- Why: signs stay beside the numbers; what may be estimated for a secret cell is judged later, never here.
select
    cast(table_code as varchar) as table_code,
    cast(reference_date as date) as reference_date,
    cast(region_raw_code as varchar) as region_raw_code,
    cast(region_label as varchar) as region_label,
    cast(wz_revision as varchar) as wz_revision,
    cast(wz_raw_code as varchar) as wz_raw_code,
    cast(wz_label as varchar) as wz_label,
    cast(characteristic_code as varchar) as characteristic_code,
    cast(indicator_code as varchar) as indicator_code,
    cast(unit_label as varchar) as unit_label,
    cast(value_raw as varchar) as value_raw,
    cast(value as double) as value,
    cast(symbol as varchar) as symbol,
    cast(symbol_meaning_code as varchar) as symbol_meaning_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('ba', 'cell') }}
