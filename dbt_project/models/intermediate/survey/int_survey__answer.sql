-- Grain: one row per wave, response, concept and item, of the response that counts for its company.
-- Why: the answers every survey model reads. Identity and free text are still here, so this stays in the build file;
-- contact data never arrives, and consent is read from the vault's state, not from the questionnaire.
select
    answer.wave_id,
    answer.response_id,
    response.company_id,
    answer.question_concept_id,
    answer.item_code,
    answer.source_column,
    answer.class_code,
    answer.raw_value,
    answer.answer_code,
    answer.answer_num,
    answer.answer_low,
    answer.answer_high,
    answer.unit_code,
    answer.answer_status_code,
    answer.snapshot_id
from {{ ref('int_survey__answer_delivered') }} as answer
inner join {{ ref('int_survey__response') }} as response
    on answer.wave_id = response.wave_id
    and answer.response_id = response.response_id
    and answer.snapshot_id = response.snapshot_id
where answer.class_code in ('closed', 'identity', 'free_text')
