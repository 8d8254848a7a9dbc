-- Grain: one row per delivered response and snapshot (every vintage of a wave is kept).
-- Why: one typed door to the survey's responses; which may be used: int_survey__response_consented.
select
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(started_at as timestamp) as started_at,
    cast(submitted_at as timestamp) as submitted_at,
    cast(last_page as integer) as last_page,
    cast(language_code as varchar) as language_code,
    cast(is_complete as boolean) as is_complete,
    cast(response_status_code as varchar) as response_status_code,
    cast(scale_answer_count as bigint) as scale_answer_count,
    cast(scale_same_count as bigint) as scale_same_count,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('limesurvey', 'response') }}
