-- Grain: one pair of codes in the direction the publisher gives, per snapshot.
-- Why: the lists as published; the level (number of digits, 1 for a section) tells a heading from what stands below it.
select
    scheme_from,
    code_from,
    cast(
        case when {{ matches('code_from', '[A-Z]') }} then 1 else length(replace(code_from, '.', '')) end as integer
    ) as level_from,
    scheme_to,
    code_to,
    cast(
        case when {{ matches('code_to', '[A-Z]') }} then 1 else length(replace(code_to, '.', '')) end as integer
    ) as level_to,
    is_partial,
    published_flag,
    snapshot_id
from {{ source('correspondence', 'pair') }}
