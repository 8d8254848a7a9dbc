-- Grain: one row per legal entity identifier and snapshot (pages of the API).
-- Why: the only register here whose status is of today.
select
    cast(lei as varchar) as lei,
    cast(legal_name as varchar) as legal_name,
    cast(postcode as varchar) as postcode,
    cast(city as varchar) as city,
    cast(country_code as varchar) as country_code,
    cast(registration_authority_code as varchar) as registration_authority_code,
    cast(registered_as as varchar) as registered_as,
    cast(legal_form_code as varchar) as elf_code,
    cast(entity_status as varchar) as entity_status,
    cast(registration_status as varchar) as registration_status,
    cast(last_update_at as timestamp) as last_update_at,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('gleif', 'lei_record') }}
