-- Grain: one row per delivered submission, question concept, item and snapshot (every vintage of a wave is kept).
-- Why: one typed door to the answers that came through KoboToolbox, in the columns of stg_limesurvey__answer.
select
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(question_concept_id as varchar) as question_concept_id,
    cast(item_code as varchar) as item_code,
    cast(source_column as varchar) as source_column,
    cast(class_code as varchar) as class_code,
    cast(raw_value as varchar) as raw_value,
    cast(answer_code as varchar) as answer_code,
    cast(answer_num as double) as answer_num,
    cast(answer_low as double) as answer_low,
    cast(answer_high as double) as answer_high,
    cast(unit_code as varchar) as unit_code,
    cast(answer_status_code as varchar) as answer_status_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('kobo', 'answer') }}
