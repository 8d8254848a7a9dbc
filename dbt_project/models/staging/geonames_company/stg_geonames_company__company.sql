-- Grain: one row per listed company and snapshot.
-- Why: companies large enough for a postcode of their own; a place list, so there is neither number nor status.
select
    cast(country_code as varchar) as country_code,
    cast(postcode as varchar) as postcode,
    cast(company_name as varchar) as company_name,
    cast(state_name as varchar) as state_name,
    cast(state_code as varchar) as state_code,
    cast(province_name as varchar) as province_name,
    cast(province_code as varchar) as province_code,
    cast(kreis_name as varchar) as kreis_name,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(latitude as double) as latitude,
    cast(longitude as double) as longitude,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('geonames_company', 'company') }}
