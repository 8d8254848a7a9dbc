-- Grain: one code per revision (WZ 2008, WZ 2025) and snapshot, as published.
-- Why: the official list; what statistics add to it (totals, ranges) joins later.
select
    wz_revision,
    wz_code,
    cast(wz_level as integer) as wz_level,
    title_de,
    parent_wz_code,
    snapshot_id
from {{ source('wz', 'code') }}
