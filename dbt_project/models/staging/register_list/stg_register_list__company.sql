-- Grain: one row per company of a supplied list and snapshot.
-- Why: names, entries and status as a list of the given day has them. Streets stay in the lake (REG-011): nothing built needs them.
select
    cast(record_id as varchar) as record_id,
    cast(list_code as varchar) as list_code,
    cast(company_name as varchar) as company_name,
    cast(register_type_code as varchar) as register_type_code,
    cast(register_number as varchar) as register_number,
    cast(court_code as varchar) as court_code,
    cast(court_name as varchar) as court_name,
    cast(seat as varchar) as seat,
    cast(postcode as varchar) as postcode,
    cast(status_code as varchar) as status_code,
    cast(status_date as date) as status_date,
    cast(retrieved_at as timestamp) as retrieved_at,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('register_list', 'company') }}
