-- Grain: one row per BACI country code and snapshot, as published.
-- Why: BACI numbers countries its own way; the codes are only usable with its own list beside them.
select
    country_code as country_baci_code,
    country_name,
    trim(country_iso2) as country_iso2_code,
    trim(country_iso3) as country_iso3_code,
    snapshot_id
from {{ source('baci', 'country') }}
