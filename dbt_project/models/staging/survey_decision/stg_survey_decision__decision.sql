-- Grain: one row per decided finding and snapshot.
-- Why: one typed door to what a person decided on the survey's review list.
select
    cast(review_id as varchar) as review_id,
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(decision_code as varchar) as decision_code,
    cast(new_num as double) as new_num,
    cast(new_code as varchar) as new_code,
    cast(decided_by as varchar) as decided_by,
    cast(decided_on as date) as decided_on,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('survey_decision', 'decision') }}
