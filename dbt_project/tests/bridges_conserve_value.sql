{{ config(severity='warn', meta={'rule_id': 'TRD-015'}) }}
-- An invented value for every code of a list, carried over the bridge, is still there: code by code from the list itself
-- (so that a lost code is noticed), and through two bridges one after the other (CN to HS to WZ 2008, CN to WZ 2008 to
-- WZ 2025). What no industry makes stays as 'UNMAPPED' and counts.
with bridge as (
    select * from {{ ref('int_classification__bridge') }}
),

direction as (
    select distinct scheme_from, scheme_to, length(code_from) as code_length from bridge
),

-- Any positive numbers that differ from code to code do; these depend on the code alone.
invented as (
    select
        d.scheme_from, d.scheme_to, c.code,
        1000 + 37 * coalesce(length(c.label), 0)
        + 7 * row_number() over (partition by d.scheme_from, d.scheme_to order by c.code) as value
    from direction as d
    inner join {{ ref('int_classification__code') }} as c
        on d.scheme_from = c.scheme and d.code_length = length(c.code)
    -- Of NACE only classes are carried to CPA; the few groups and divisions that CPA names come on top.
    where d.scheme_from <> 'NACE2' or d.scheme_to like 'WZ%' or c.level = 4
),

carried as (
    select i.scheme_from, i.scheme_to, b.code_to, sum(i.value * b.weight) as value
    from invented as i
    left join bridge as b on i.scheme_from = b.scheme_from and i.code = b.code_from and i.scheme_to = b.scheme_to
    group by i.scheme_from, i.scheme_to, b.code_to
),

carried_twice as (
    select
        c.scheme_from, o.scheme_from as scheme_between, o.scheme_to,
        sum(c.value * case when c.code_to = 'UNMAPPED' then 1 else b.weight end) as value
    from carried as c
    inner join (select distinct scheme_from, scheme_to from direction) as o on c.scheme_to = o.scheme_from
    left join bridge as b on c.scheme_to = b.scheme_from and c.code_to = b.code_from and o.scheme_to = b.scheme_to
    where c.scheme_from like 'CN%' and o.scheme_to <> c.scheme_from
    group by c.scheme_from, o.scheme_from, o.scheme_to
),

before as (
    select scheme_from, scheme_to, sum(value) as value from invented group by scheme_from, scheme_to
),

after as (
    select scheme_from, scheme_to as scheme_between, scheme_to, sum(value) as value
    from carried
    group by scheme_from, scheme_to
    union all
    select scheme_from, scheme_between, scheme_to, value from carried_twice
)

select b.scheme_from, a.scheme_between, a.scheme_to, b.value as value_before, a.value as value_after
from before as b
inner join after as a on b.scheme_from = a.scheme_from and b.scheme_to = a.scheme_between
where not coalesce(abs(a.value - b.value) <= 1e-9 * b.value, false)
