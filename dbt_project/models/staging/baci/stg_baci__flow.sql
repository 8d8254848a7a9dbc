-- Grain: one row per exporter, importer, HS6 product, year and snapshot, as published.
-- Why: BACI counts thousand USD and tonnes; this is the one place where both become USD and kilograms.
select
    cast(year as integer) as year,
    exporter_code as exporter_baci_code,
    importer_code as importer_baci_code,
    product_code,
    cast(value_kusd * 1000 as double) as value_usd,
    cast(mass_t * 1000 as double) as net_mass_kg,
    snapshot_id
from {{ source('baci', 'flow') }}
