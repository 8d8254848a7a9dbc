-- Grain: one code, one classification it is carried to, one code there.
-- Why: a figure is carried only with weights. Nothing official says how a code with several counterparts splits, so
-- they share it equally; a code without a counterpart keeps its whole figure as 'UNMAPPED', so that no value gets lost.
with pair as (
    select * from {{ ref('int_classification__pair') }}
),

direction as (
    select scheme_from, scheme_to, max(level_from) as level_from
    from pair
    group by scheme_from, scheme_to
),

code_from as (
    select d.scheme_from, d.scheme_to, c.code
    from direction as d
    inner join {{ ref('int_classification__code') }} as c on d.scheme_from = c.scheme and d.level_from = c.level
    union
    select scheme_from, scheme_to, code_from from pair
)

select
    f.scheme_from,
    f.code as code_from,
    f.scheme_to,
    coalesce(p.code_to, 'UNMAPPED') as code_to,
    cast(1 as double) / count(*) over (partition by f.scheme_from, f.code, f.scheme_to) as weight,
    p.is_partial,
    coalesce(p.method_code, 'no_counterpart') as method_code,
    cast(null as {{ dbt.type_string() }}) as via
from code_from as f
left join pair as p on f.scheme_from = p.scheme_from and f.code = p.code_from and f.scheme_to = p.scheme_to
