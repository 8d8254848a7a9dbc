-- Grain: one classification of one thing that an answer names.
-- Why: codes that count (automatic or decided) back at the answers they come from; no text is here any more.
select
    answer.wave_id,
    answer.company_id,
    answer.question_concept_id,
    answer.item_code,
    answer.part_no,
    mapping.classification_code,
    mapping.edition,
    mapping.code,
    mapping.method_code,
    mapping.score,
    mapping.status_code
from {{ ref('int_text__answer') }} as answer
inner join {{ ref('int_text__mapping') }} as mapping
    on answer.text_hash = mapping.text_hash and mapping.wz2008_code in ('', answer.wz2008_code)
where mapping.status_code in ('automatic', 'decided') and mapping.code is not null
