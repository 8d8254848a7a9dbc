-- Grain: one code, one classification it is carried to, one code there.
-- Why: the one place to carry a figure from a classification to another: value times weight, summed by `code_to`. Every
-- code's weights add up to 1, what has no counterpart included ('UNMAPPED'), so that value is conserved. A weight below
-- 1 rests on equal shares and is an assumption; `method_code` and `is_partial` say so.
with bridged as (
    select * from {{ ref('int_classification__step') }}
    union all
    select * from {{ ref('int_classification__industry') }}
    union all
    select * from {{ ref('int_classification__heading') }}
),

counted as (
    select
        *,
        count(*) over (partition by scheme_from, code_from, scheme_to) as count_from,
        count(*) over (partition by scheme_from, scheme_to, code_to, length(code_from)) as count_to
    from bridged
)

select
    scheme_from,
    code_from,
    scheme_to,
    code_to,
    weight,
    is_partial,
    case
        when code_to = 'UNMAPPED' then 'no_counterpart'
        when count_from = 1 and count_to = 1 then 'one_to_one'
        when count_to = 1 then 'split'
        when count_from = 1 then 'merge'
        else 'many_to_many'
    end as relation_code,
    case
        when code_to <> 'UNMAPPED' and weight < 1 - 1e-9 then method_code || '_equal_split'
        else method_code
    end as method_code,
    via,
    'correspondence' as source_id
from counted
