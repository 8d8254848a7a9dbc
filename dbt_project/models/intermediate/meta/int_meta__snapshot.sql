-- Grain: one snapshot per source, dataset, partition and vintage: the newest retrieval of that vintage.
-- Why: the same vintage delivered twice must not be counted twice; facts join this list, never the raw one.
with ranked as (
    select
        snapshot_id,
        source_id,
        dataset_code,
        partition_key,
        vintage_id,
        retrieved_at,
        row_number() over (
            partition by source_id, dataset_code, partition_key, vintage_id
            order by retrieved_at desc, snapshot_id desc
        ) as retrieval_rank,
        max(case when is_latest_vintage then 1 else 0 end) over (
            partition by source_id, dataset_code, partition_key, vintage_id
        ) as is_latest_number
    from {{ ref('stg_meta__snapshot') }}
)

select
    snapshot_id,
    source_id,
    dataset_code,
    partition_key,
    vintage_id,
    retrieved_at,
    is_latest_number = 1 as is_latest_vintage,
    cast(row_number() over (
        partition by source_id, dataset_code, partition_key
        order by vintage_id, retrieved_at
    ) as integer) as vintage_number
from ranked
where retrieval_rank = 1
