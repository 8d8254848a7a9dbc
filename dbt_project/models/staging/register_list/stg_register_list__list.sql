-- Grain: one row per supplied list and snapshot.
-- Why: who made a list, under which licence, and how it was read: LND-001 for files without a fixed publisher.
select
    cast(list_code as varchar) as list_code,
    cast(publisher as varchar) as publisher,
    cast(licence as varchar) as licence,
    cast(retrieved_at as timestamp) as retrieved_at,
    cast(company_count as bigint) as company_count,
    cast(withheld_street_count as bigint) as withheld_street_count,
    cast(mapping_name as varchar) as mapping_name,
    cast(mapping_text as varchar) as mapping_text,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('register_list', 'list') }}
