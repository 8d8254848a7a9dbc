-- Grain: one decided text and industry per list that came back.
-- Why: one typed door to what a person decided on free texts.
select
    cast(text_hash as varchar) as text_hash,
    coalesce(cast(wz2008_code as varchar), '') as wz2008_code,
    cast(decision_code as varchar) as decision_code,
    cast(hs_code as varchar) as hs_code,
    cast(competence_id as varchar) as competence_id,
    cast(kldb_code as varchar) as kldb_code,
    cast(decided_by as varchar) as decided_by,
    cast(decided_on as date) as decided_on,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('text_decision', 'decision') }}
