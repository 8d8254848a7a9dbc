-- Grain: one place or bulk recipient of one postcode, per snapshot.
-- Why: places and recipients stand in one list; the only sign that tells them apart is how their state is written.
select
    country_code,
    postcode,
    place_name,
    state_name,
    state_code,
    case when {{ matches("coalesce(state_code, '')", '[0-9]+') }} then 'bulk' else 'delivery' end as postcode_type_code,
    kreis_name,
    kreis_ags,
    latitude,
    longitude,
    source_row,
    snapshot_id
from {{ source('geonames_postcode', 'place') }}
