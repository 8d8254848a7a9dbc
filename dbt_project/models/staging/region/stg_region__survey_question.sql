-- Grain: one column of the questionnaire of one wave.
-- Why: what was asked, so that waves can be held against each other.
select
    wave_id,
    source_column,
    question_concept_id,
    item_code,
    answer_type_code,
    unit_code,
    code_list,
    class_code,
    cast(page_number as integer) as page_number
from {{ source('region', 'survey_question') }}
