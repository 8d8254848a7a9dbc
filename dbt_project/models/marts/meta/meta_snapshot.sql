{{ config(alias='snapshot') }}
-- Grain: one snapshot, that is one unchanged delivery of one dataset and partition.
-- Why: every number names its snapshot; here stands what was delivered, when, and with which fingerprint.
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
    is_synthetic
from {{ ref('stg_meta__snapshot') }}
