-- Grain: region (country, Land, Kreis, group of Kreise), industry (section, division or group) and year.
-- Why: a hidden cell is not zero, it is what can still be in it: from nothing to what a published total leaves beside the
-- cells of the same level that are known. The smallest such rest counts. A model that needs one number takes the cell's part
-- of the rest by the country's structure, and never more than half of it, so that no rest of one hidden cell is told. Where a
-- region publishes a level at all, a cell of that level without a row is as unknown as a hidden one. A group of Kreise adds
-- up its members' bounds.
with cell as (
    select e.region_code, e.wz_revision, e.wz_code, coalesce(w.wz_level, 0) as wz_level, e.year, e.value
    from {{ ref('int_industry__employment_yearly') }} as e
    inner join {{ ref('int_industry__wz') }} as w
        on e.wz_revision = w.wz_revision and e.wz_code = w.wz_code and (w.wz_level <= 3 or e.wz_code = 'TOTAL')
    inner join {{ ref('dim_region') }} as r
        on e.region_code = r.region_code and r.region_level_code in ('country', 'state', 'district')
    where e.is_chosen
),

published as (
    select distinct region_code, wz_revision, wz_level, year from cell
),

wanted as (
    select distinct p.region_code, c.wz_revision, c.wz_code, c.wz_level, c.year
    from published as p
    inner join cell as c on p.wz_revision = c.wz_revision and p.wz_level = c.wz_level and p.year = c.year
),

filled as (
    select w.region_code, w.wz_revision, w.wz_code, w.wz_level, w.year, c.value, base.value as country_value
    from wanted as w
    left join cell as c
        on
            w.region_code = c.region_code and w.wz_revision = c.wz_revision and w.wz_code = c.wz_code
            and w.year = c.year
    left join (
        select cell.wz_revision, cell.wz_code, cell.year, cell.value
        from cell
        inner join {{ ref('dim_region') }} as r on cell.region_code = r.region_code and r.region_level_code = 'country'
    ) as base
        on w.wz_revision = base.wz_revision and w.wz_code = base.wz_code and w.year = base.year
),

-- What is known and what is hidden of one level below every code above it.
below as (
    select
        f.region_code, f.wz_revision, f.year, f.wz_level, a.ancestor_code,
        sum(coalesce(f.value, 0)) as known_value,
        sum(case when f.value is null then f.country_value end) as hidden_country_value
    from filled as f
    inner join {{ ref('int_industry__ancestor') }} as a
        on f.wz_revision = a.wz_revision and f.wz_code = a.wz_code and f.wz_code <> a.ancestor_code
    group by f.region_code, f.wz_revision, f.year, f.wz_level, a.ancestor_code
),

rest as (
    select
        f.region_code, f.wz_revision, f.wz_code, f.year, f.country_value, b.hidden_country_value,
        greatest(total.value - b.known_value, 0) as rest_value
    from filled as f
    inner join {{ ref('int_industry__ancestor') }} as a
        on f.wz_revision = a.wz_revision and f.wz_code = a.wz_code and f.wz_code <> a.ancestor_code
    inner join filled as total
        on
            f.region_code = total.region_code and f.wz_revision = total.wz_revision and f.year = total.year
            and a.ancestor_code = total.wz_code
    inner join below as b
        on
            f.region_code = b.region_code and f.wz_revision = b.wz_revision and f.year = b.year
            and f.wz_level = b.wz_level and a.ancestor_code = b.ancestor_code
    where f.value is null and total.value is not null
),

bound as (
    select
        region_code, wz_revision, wz_code, year,
        min(rest_value) as high_value,
        min(least(
            rest_value / 2,
            coalesce(rest_value * {{ safe_divide('country_value', 'hidden_country_value') }}, rest_value / 2)
        )) as estimate
    from rest
    group by region_code, wz_revision, wz_code, year
),

bounded as (
    select
        f.region_code, f.wz_revision, f.wz_code, f.wz_level, f.year,
        case when f.value is null then b.estimate else f.value end as employees_count,
        case when f.value is null then case when b.high_value is not null then 0 end else f.value end as low_count,
        case when f.value is null then b.high_value else f.value end as high_count,
        f.value is null as is_hidden
    from filled as f
    left join bound as b
        on
            f.region_code = b.region_code and f.wz_revision = b.wz_revision and f.wz_code = b.wz_code
            and f.year = b.year
),

member as (
    select g.group_region_code, g.member_region_code, count(*) over (partition by g.group_region_code) as member_count
    from {{ ref('bridge_region_group') }} as g
    where g.group_region_code not in (
        select b.group_region_code
        from {{ ref('bridge_region_group') }} as b
        inner join {{ ref('dim_region') }} as r on b.member_region_code = r.region_code
        where r.region_level_code <> 'district'
    )
)

select region_code, wz_revision, wz_code, wz_level, year, employees_count, low_count, high_count, is_hidden
from bounded
union all
select
    m.group_region_code, b.wz_revision, b.wz_code, b.wz_level, b.year,
    -- A member without bounds leaves the group without.
    case when count(b.employees_count) = max(m.member_count) then sum(b.employees_count) end,
    case when count(b.low_count) = max(m.member_count) then sum(b.low_count) end,
    case when count(b.high_count) = max(m.member_count) then sum(b.high_count) end,
    max(case when b.is_hidden then 1 else 0 end) = 1
from member as m
inner join bounded as b on m.member_region_code = b.region_code
group by m.group_region_code, b.wz_revision, b.wz_code, b.wz_level, b.year
