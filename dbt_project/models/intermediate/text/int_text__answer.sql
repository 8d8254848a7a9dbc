-- Grain: one thing that the answer of a response that counts names.
-- Why: free texts with what is known beside them: question, company, industry. Texts are still here, so this stays in
-- the build file.
select
    text_key.text_hash,
    answer.wave_id,
    answer.response_id,
    answer.company_id,
    answer.question_concept_id,
    answer.item_code,
    text_key.part_no,
    coalesce(answer.answer_code, answer.raw_value) as written_text,
    coalesce(profile.wz2008_code, '') as wz2008_code
from {{ ref('int_survey__answer') }} as answer
inner join {{ ref('stg_identity__text_key') }} as text_key
    on answer.wave_id = text_key.wave_id
    and answer.response_id = text_key.response_id
    and answer.question_concept_id = text_key.question_concept_id
    and answer.item_code = text_key.item_code
left join {{ ref('int_survey__profile') }} as profile
    on answer.wave_id = profile.wave_id and answer.company_id = profile.company_id
where answer.answer_status_code = 'answered'
