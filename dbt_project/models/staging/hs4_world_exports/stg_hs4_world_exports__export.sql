-- Grain: one row per exporter, HS4 product and snapshot, as published; NULL means no exports.
-- Why: the file writes country codes in lower case; the year is the partition of its snapshot.
select
    upper(trim(reporter_iso3)) as reporter_iso3_code,
    product_code,
    value_usd,
    snapshot_id
from {{ source('hs4_world_exports', 'export') }}
