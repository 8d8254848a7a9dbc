-- Grain: one row per consent event received outside the survey and snapshot.
-- Why: evidence only. What is in force is decided once, in the vault, and read from stg_identity__consent.
select
    cast(event_id as varchar) as event_id,
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(purpose_code as varchar) as purpose_code,
    cast(is_granted as integer) = 1 as is_granted,
    cast(text_version as varchar) as text_version,
    cast(occurred_at as timestamp) as occurred_at,
    cast(channel as varchar) as channel_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('consent', 'event') }}
