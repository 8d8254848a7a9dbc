-- Grain: one flag: a question that changed between two waves, and how.
-- Why: without a flag no comparison (SRV-015).
select
    wave_before,
    wave_id,
    question_concept_id,
    change_code,
    comparable_code
from {{ source('region', 'survey_break') }}
