-- Grain: one code of the Combined Nomenclature, one validity, one label, per snapshot.
-- Why: one list for all years; which codes a year has is decided from the dates later. Comext's own codes (SSS, III, TOTAL)
-- are in it and have no level.
select
    code,
    case when {{ matches('code', '[0-9]+') }} then cast(length(code) as integer) end as level,
    valid_from,
    valid_to,
    label,
    label_valid_from,
    label_valid_to,
    source_row,
    snapshot_id
from {{ source('trade_list', 'cn') }}
