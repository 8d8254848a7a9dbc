-- Grain: one code of the Combined Nomenclature in one year.
-- Why: Comext gives one list of all codes with their days, statistics come by year. A code belongs to every year it is in
-- force on some day of; a year is known when some code begins or ends in it, which in a whole list every year is, up to the
-- newest beginning. A year whose own list is loaded is taken from that alone.
with dated as (
    select c.code, c.level, c.valid_from, c.valid_to, c.label, coalesce(c.label_valid_from, c.valid_from) as label_from
    from {{ ref('stg_trade_list__cn') }} as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id and s.is_latest_vintage
    where c.level in (2, 4, 6, 8)
),

yearly as (
    select c.scheme, c.code, c.level, c.label, cast(substr(c.scheme, 3, 4) as integer) as year
    from (select * from {{ ref('stg_correspondence__code') }} where scheme like 'CN%') as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

turn as (
    select cast(extract(year from valid_from) as integer) as year from dated
    union
    select cast(extract(year from valid_to) as integer) from dated
),

known_year as (
    select year
    from turn
    where
        year >= {{ var('cn_first_year') }}
        and year <= (select max(cast(extract(year from valid_from) as integer)) from dated)
)

select scheme, code, level, label, year, true as is_yearly_list
from yearly
union all
select
    'CN' || cast(y.year as {{ dbt.type_string() }}) as scheme,
    d.code,
    d.level,
    -- The newest label that is known by the end of the year, else the first there is.
    coalesce(
        max_by(d.label, case when extract(year from d.label_from) <= y.year then d.label_from end),
        min_by(d.label, d.label_from)
    ) as label,
    y.year,
    false as is_yearly_list
from known_year as y
inner join dated as d
    on extract(year from d.valid_from) <= y.year and coalesce(extract(year from d.valid_to), 9999) >= y.year
where y.year not in (select year from yearly)
group by y.year, d.code, d.level
