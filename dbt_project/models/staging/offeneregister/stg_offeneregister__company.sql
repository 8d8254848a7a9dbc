-- Grain: one row per register entry and snapshot.
-- Why: names, numbers and the history of entries. The publisher stopped in 2019: never a source of today's status.
select
    cast(company_number as varchar) as company_number,
    cast(company_name as varchar) as company_name,
    cast(court_code as varchar) as court_code,
    cast(register_type_code as varchar) as register_type_code,
    cast(register_number as varchar) as register_number,
    cast(current_status as varchar) as current_status,
    cast(registered_office as varchar) as registered_office,
    cast(registered_address as varchar) as registered_address,
    cast(postcode as varchar) as postcode,
    cast(retrieved_at as timestamp) as retrieved_at,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('offeneregister', 'company') }}
