-- Grain: one table, Kreis of the region, industry and year that has the year before it: employees against that year.
-- Why: an industry of a Kreis rarely grows by a quarter in a year; mostly one large firm was counted elsewhere before.
-- Both years are of one table and one revision. Divisions are judged, and sections or groups where a table gives those.
with yearly as (
    select e.table_code, e.region_code, e.wz_revision, e.wz_code, e.year, e.value, w.wz_level
    from {{ ref('int_industry__employment_yearly') }} as e
    inner join {{ ref('int_industry__wz') }} as w
        on e.wz_revision = w.wz_revision and e.wz_code = w.wz_code and w.wz_level <= 3
    inner join {{ ref('bridge_region_group') }} as g
        on e.region_code = g.member_region_code and g.group_region_code = {{ setting('region_code') }}
    inner join {{ ref('dim_region') }} as r on e.region_code = r.region_code and r.region_level_code = 'district'
    where e.value is not null
)

select
    this.table_code,
    this.region_code,
    this.wz_revision,
    this.wz_code,
    this.wz_level,
    this.year,
    this.value as employees_count,
    before.value as previous_employees_count,
    100 * ({{ safe_divide('this.value', 'before.value') }} - 1) as change_pct,
    this.year = max(this.year) over (partition by this.table_code) as is_newest_year
from yearly as this
inner join yearly as before
    on
        this.table_code = before.table_code and this.region_code = before.region_code
        and this.wz_revision = before.wz_revision and this.wz_code = before.wz_code and this.year = before.year + 1
