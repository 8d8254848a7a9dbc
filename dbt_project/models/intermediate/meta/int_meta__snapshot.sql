-- Grain: one snapshot per source, dataset, partition and vintage: the one in force, else the newest retrieval.
-- Why: the same vintage delivered twice must not be counted twice; facts join this list, never the raw one. Which
-- snapshot is in force is known where deliveries arrive: the one that lies in the inbox now, so that a delivery put
-- back counts again although a later retrieval of its vintage exists.
with ranked as (
    select
        snapshot_id,
        source_id,
        dataset_code,
        partition_key,
        vintage_id,
        retrieved_at,
        is_latest_vintage,
        row_number() over (
            partition by source_id, dataset_code, partition_key, vintage_id
            order by case when is_latest_vintage then 0 else 1 end, retrieved_at desc, snapshot_id desc
        ) as retrieval_rank
    from {{ ref('stg_meta__snapshot') }}
)

select
    snapshot_id,
    source_id,
    dataset_code,
    partition_key,
    vintage_id,
    retrieved_at,
    is_latest_vintage,
    cast(row_number() over (
        partition by source_id, dataset_code, partition_key
        order by vintage_id, retrieved_at
    ) as integer) as vintage_number
from ranked
where retrieval_rank = 1
