{{ config(meta={'rule_id': 'STA-002', 'needs': 'fct_regional_statistic where length(region_code) = 8'}) }}
-- A table that comes by municipality promises every municipality of the region: one without a row was lost on the way.
with slice as (
    select distinct s.table_code, s.period_start, s.vintage_id, s.region_code
    from {{ ref('fct_regional_statistic') }} as s
    inner join {{ ref('stg_region__unit') }} as u
        on s.region_code = u.region_code and u.region_level_code = 'municipality' and u.is_in_region
),

promised as (
    select p.table_code, p.period_start, p.vintage_id, u.region_code
    from (select distinct table_code, period_start, vintage_id from slice) as p
    cross join {{ ref('stg_region__unit') }} as u
    where u.region_level_code = 'municipality' and u.is_in_region
)

select p.table_code, p.period_start, p.vintage_id, p.region_code
from promised as p
left join slice as s
    on
        p.table_code = s.table_code and p.period_start = s.period_start and p.vintage_id = s.vintage_id
        and p.region_code = s.region_code
where s.region_code is null
