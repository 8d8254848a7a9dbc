-- Grain: one CN8 code of a year and one it becomes in the next.
-- Why: Comext lists only what changed, a figure needs a way for every code. A code that is listed goes where the list says,
-- and only there: one that is used again for other goods is in both years and is not the same. Every other code that both
-- years have is itself. A year in which the list tells no change at all is not known, and a step between two years whose
-- own list is loaded is that list's.
with listed as (
    -- What begins in the middle of a year is that year's change: the next first of January shows it.
    select distinct
        p.predecessor_code, p.successor_code, cast(extract(year from p.changed_on - interval '1 day') as integer) as year_from
    from {{ ref('stg_trade_list__cn_change') }} as p
    inner join {{ ref('int_meta__snapshot') }} as s on p.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

code as (
    select scheme, code, year from {{ ref('int_classification__cn') }} where level = 8
),

published as (
    select distinct p.scheme_from, p.scheme_to
    from {{ ref('stg_correspondence__pair') }} as p
    inner join {{ ref('int_meta__snapshot') }} as s on p.snapshot_id = s.snapshot_id and s.is_latest_vintage
    where p.scheme_from like 'CN%' and p.scheme_to like 'CN%'
),

known_step as (
    select f.year as year_from, f.scheme as scheme_from, t.scheme as scheme_to
    from (select distinct scheme, year from code) as f
    inner join (select distinct scheme, year from code) as t on f.year + 1 = t.year
    left join published as p
        on
            (p.scheme_from = f.scheme and p.scheme_to = t.scheme)
            or (p.scheme_from = t.scheme and p.scheme_to = f.scheme)
    where p.scheme_from is null and f.year in (select year_from from listed)
)

select
    k.scheme_from, l.predecessor_code as code_from, k.scheme_to, l.successor_code as code_to, 'published' as method_code
from listed as l
inner join known_step as k on l.year_from = k.year_from
union all
select k.scheme_from, f.code, k.scheme_to, t.code, 'unchanged'
from known_step as k
inner join code as f on k.scheme_from = f.scheme
inner join code as t on k.scheme_to = t.scheme and f.code = t.code
left join listed as l on k.year_from = l.year_from and f.code = l.predecessor_code
where l.predecessor_code is null
