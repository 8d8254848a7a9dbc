-- Grain: one territorial unit (Land to municipality) per snapshot, as published.
-- Why: official names, keys and population of every unit, also outside the region.
select
    record_type_code,
    ars,
    ags,
    unit_name,
    cast(population_count as integer) as population_count,
    reference_date,
    snapshot_id
from {{ source('gemeindeverzeichnis', 'unit') }}
