{{ config(meta={'rule_id': 'STA-002'}) }}
-- A table that comes by Kreis promises every Kreis: a unit of the project region without any row was lost on the way.
with kreis_slice as (
    select distinct s.table_code, s.period_start, s.vintage_id, s.region_code
    from {{ ref('fct_regional_statistic') }} as s
    inner join {{ ref('dim_region') }} as r on s.region_code = r.region_code and r.region_level_code = 'district'
),

promised as (
    select p.table_code, p.period_start, p.vintage_id, g.member_region_code
    from (select distinct table_code, period_start, vintage_id from kreis_slice) as p
    cross join {{ ref('bridge_region_group') }} as g
    where g.group_region_code = {{ setting('region_code') }} and length(g.member_region_code) = 5
)

select p.table_code, p.period_start, p.vintage_id, p.member_region_code
from promised as p
left join kreis_slice as k
    on
        p.table_code = k.table_code and p.period_start = k.period_start and p.vintage_id = k.vintage_id
        and p.member_region_code = k.region_code
where k.region_code is null
