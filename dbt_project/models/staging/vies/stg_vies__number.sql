-- Grain: one row per listed VAT number and snapshot.
-- Why: what a user wanted checked; nothing else is ever sent to the service.
select
    cast(vat_number as varchar) as vat_number,
    cast(country_code as varchar) as country_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('vies', 'number') }}
