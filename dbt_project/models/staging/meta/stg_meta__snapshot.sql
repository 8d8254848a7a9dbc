-- Grain: one snapshot: one delivery of one dataset and partition, unchanged since.
-- Why: every fact names its snapshot; this says what that was and whether a newer vintage exists.
select
    snapshot_id,
    source_id,
    dataset_code,
    partition_key,
    vintage_id,
    retrieved_at,
    sha256,
    byte_count,
    row_count,
    is_synthetic,
    is_latest_vintage
from {{ source('meta', 'snapshot') }}
