{#- Two bridges one after the other: rows of `first` carried on through `second` (both as int_classification__step).
    Where `second` has no row for a code, the value stays as 'UNMAPPED'; where it is not loaded at all, nothing is
    carried. `via` names what lies between. -#}
{% macro bridge_through(first, second) -%}
select
    a.scheme_from, a.code_from, onward.scheme_to,
    coalesce(b.code_to, 'UNMAPPED') as code_to,
    sum(a.weight * coalesce(b.weight, 1)) as weight,
    {{ any_true(['a.is_partial', 'b.is_partial']) }} as is_partial,
    case when coalesce(b.code_to, 'UNMAPPED') = 'UNMAPPED' then 'no_counterpart' else 'chain' end as method_code,
    max(concat_ws('>', a.via, a.scheme_to, onward.via)) as via
from {{ first }} as a
inner join (select distinct scheme_from, scheme_to, via from {{ second }}) as onward on a.scheme_to = onward.scheme_from
left join {{ second }} as b
    on a.scheme_to = b.scheme_from and a.code_to = b.code_from and onward.scheme_to = b.scheme_to
group by a.scheme_from, a.code_from, onward.scheme_to, coalesce(b.code_to, 'UNMAPPED')
{%- endmacro %}

{#- True where one of the flags is true in any row of the group, NULL where none is given: bool_or() is not in every
    engine. -#}
{% macro any_true(flags) -%}
max(case when {{ flags | join(' or ') }} then 1 when coalesce({{ flags | join(', ') }}) is not null then 0 end) = 1
{%- endmacro %}

{#- Steps from editions that `reached` does not hold to the nearest one that it does. -#}
{% macro nearest_edition(step, reached) -%}
select s.*
from {{ step }} as s
inner join (
    select
        d.scheme_from, d.scheme_to,
        row_number() over (
            partition by d.scheme_from
            order by abs({{ edition_year('d.scheme_from') }} - {{ edition_year('d.scheme_to') }}), d.scheme_to desc
        ) as nearness
    from (select distinct scheme_from, scheme_to from {{ step }}) as d
    where
        d.scheme_from like 'HS%' and d.scheme_to like 'HS%'
        and d.scheme_to in (select scheme_from from {{ reached }})
        and d.scheme_from not in (select scheme_from from {{ reached }})
) as n on s.scheme_from = n.scheme_from and s.scheme_to = n.scheme_to and n.nearness = 1
{%- endmacro %}

{% macro edition_year(scheme) -%}
case when {{ scheme }} like 'HS%' then cast(substr({{ scheme }}, 3, 4) as integer) end
{%- endmacro %}
