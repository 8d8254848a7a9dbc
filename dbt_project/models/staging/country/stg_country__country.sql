-- Grain: one country (ISO 3166-1) per snapshot, as published.
-- Why: the only official list of codes; pseudo codes of statistics come from a seed.
select
    iso2_code,
    iso3_code,
    numeric_code,
    country_name_en,
    country_name_de,
    snapshot_id
from {{ source('country', 'country') }}
