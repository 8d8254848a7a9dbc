-- Grain: one row per delivered submission and snapshot (every vintage of a wave is kept).
-- Why: one typed door to what came through KoboToolbox; which of it may be used: int_survey__response_consented.
select
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(started_at as timestamp) as started_at,
    cast(submitted_at as timestamp) as submitted_at,
    cast(is_complete as boolean) as is_complete,
    cast(form_version as varchar) as form_version,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('kobo', 'response') }}
