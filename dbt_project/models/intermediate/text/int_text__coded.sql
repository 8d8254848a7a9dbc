-- Grain: one classification of one thing that an answer names.
-- Why: codes that count (automatic or decided) back at the answers they come from; no text is here any more.
with split as (
    select distinct text_hash, wz2008_code from {{ ref('int_text__mapping') }}
)

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
-- A text that is split by industry has a row of its own for companies whose industry nobody knows.
left join split on answer.text_hash = split.text_hash and answer.wz2008_code = split.wz2008_code
inner join {{ ref('int_text__mapping') }} as mapping
    on answer.text_hash = mapping.text_hash
    and mapping.wz2008_code = case when split.text_hash is not null then answer.wz2008_code else '' end
where mapping.status_code in ('automatic', 'decided') and mapping.code is not null
