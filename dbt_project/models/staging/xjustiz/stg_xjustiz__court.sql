-- Grain: one register court per snapshot of the list.
-- Why: the official list itself, by version; which court keeps the register of a place is known elsewhere.
select
    list_version,
    list_part,
    court_code,
    court_name,
    valid_from,
    valid_to,
    successor_court_code,
    snapshot_id
from {{ source('xjustiz', 'court') }}
