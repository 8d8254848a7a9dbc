-- Grain: one code of a partner or a reporter, one validity, one label, per snapshot.
-- Why: the only list that says what Comext's own partner codes (GR, XI, QP to QZ, areas) mean and when they were in use.
select
    list_code,
    code as area_code,
    valid_from,
    valid_to,
    label,
    label_valid_from,
    label_valid_to,
    source_row,
    snapshot_id
from {{ source('trade_list', 'area') }}
