-- Grain: one code of one classification and edition, per snapshot.
-- Why: a correspondence names only codes that correspond; what it leaves out is known from the list alone.
select
    scheme,
    code,
    cast(level as integer) as level,
    label,
    snapshot_id
from {{ source('correspondence', 'code') }}
