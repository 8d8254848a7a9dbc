{{ config(meta={'rule_id': 'STA-004'}) }}
-- Employees of the Kreise add up to their Land in the same table, industry and year, where no Kreis is hidden. A
-- delivery may hold only some Kreise (the sample does); then they must at least not exceed their Land.
with kreis as (
    select
        e.table_code, e.wz_revision, e.wz_code, e.period_start, s.region_code as state_code,
        sum(e.value) as kreis_sum,
        count(e.value) >= max(s.kreis_count) as is_complete,
        max(case when e.value_status_code = 'secret' then 1 else 0 end) = 1 as has_secret
    from {{ ref('int_industry__employment') }} as e
    inner join {{ ref('dim_region') }} as r on e.region_code = r.region_code and r.region_level_code = 'district'
    inner join {{ ref('german_states') }} as s on substr(e.region_code, 1, 2) = s.ags
    group by e.table_code, e.wz_revision, e.wz_code, e.period_start, s.region_code
)

select k.table_code, k.state_code, k.wz_revision, k.wz_code, k.period_start, land.value, k.kreis_sum
from kreis as k
inner join {{ ref('int_industry__employment') }} as land
    on
        k.table_code = land.table_code and k.state_code = land.region_code and k.wz_revision = land.wz_revision
        and k.wz_code = land.wz_code and k.period_start = land.period_start
where
    k.kreis_sum > land.value + 0.5
    or (k.is_complete and not k.has_secret and k.kreis_sum < land.value - 0.5)
