-- Grain: one row per legal entity identifier and snapshot, name only.
-- Why: a keyword subset without addresses; good for looking a name up, never for counting.
select
    cast(lei as varchar) as lei,
    cast(legal_name as varchar) as legal_name,
    cast(country_code as varchar) as country_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('gleif', 'lei_name') }}
