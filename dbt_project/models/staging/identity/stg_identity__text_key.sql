-- Grain: one thing that an answer to a question of free text names.
-- Why: the one road from an answer to the text it holds; the hash is the vault's, so no text is needed to know it again.
select
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(company_id as varchar) as company_id,
    cast(question_concept_id as varchar) as question_concept_id,
    cast(item_code as varchar) as item_code,
    cast(part_no as integer) as part_no,
    cast(text_hash as varchar) as text_hash
from {{ source('identity', 'text_key') }}
