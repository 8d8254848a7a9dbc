-- Grain: one heading (four digits of HS; division, group or class of WZ), one classification, one code there.
-- Why: figures also come by heading. Nothing official says how much of it stands below which code, so all codes below a
-- heading count the same.
with carried as (
    select * from {{ ref('int_classification__industry') }} where scheme_from like 'HS%'
    union all
    select * from {{ ref('int_classification__step') }} where scheme_from like 'WZ%'
),

member as (
    select distinct scheme_from, substr(code_from, 1, 4) as heading, code_from
    from carried
    where scheme_from like 'HS%'
    union all
    select distinct c.scheme_from, h.code, c.code_from
    from carried as c
    inner join {{ ref('int_classification__code') }} as h
        on c.scheme_from = h.scheme and h.level between 2 and 4 and substr(c.code_from, 1, length(h.code)) = h.code
    where c.scheme_from like 'WZ%'
),

counted as (
    select scheme_from, heading, code_from, count(*) over (partition by scheme_from, heading) as code_count
    from member
)

select
    m.scheme_from,
    m.heading as code_from,
    c.scheme_to,
    c.code_to,
    sum(c.weight) / max(m.code_count) as weight,
    {{ any_true(['c.is_partial']) }} as is_partial,
    case when c.code_to = 'UNMAPPED' then 'no_counterpart' else 'chain' end as method_code,
    max(concat_ws('>', c.scheme_from, c.via)) as via
from counted as m
inner join carried as c on m.scheme_from = c.scheme_from and m.code_from = c.code_from
group by m.scheme_from, m.heading, c.scheme_to, c.code_to
