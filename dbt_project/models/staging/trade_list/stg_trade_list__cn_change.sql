-- Grain: one CN8 code, one that follows it, and the day it does, per snapshot.
-- Why: the list names only what changed; what it leaves out stayed as it was.
select
    predecessor_code,
    successor_code,
    changed_on,
    snapshot_id
from {{ source('trade_list', 'cn_change') }}
