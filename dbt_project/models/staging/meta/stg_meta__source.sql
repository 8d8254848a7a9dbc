-- Grain: one source that delivered something to this build.
-- Why: licence and attribution travel with the data.
select
    source_id,
    publisher,
    title,
    licence,
    attribution,
    restriction_code,
    restrictions,
    url,
    first_retrieved_at,
    last_retrieved_at
from {{ source('meta', 'source') }}
