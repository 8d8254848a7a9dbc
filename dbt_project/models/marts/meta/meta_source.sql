{{ config(alias='source') }}
-- Grain: one source of this build.
-- Why: publisher, licence and attribution are in every published file, beside the numbers they belong to.
select
    source_id,
    publisher,
    title,
    licence,
    attribution,
    restriction_code,
    url,
    first_retrieved_at,
    last_retrieved_at
from {{ ref('stg_meta__source') }}
