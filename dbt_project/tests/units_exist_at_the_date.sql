{{ config(meta={'rule_id': 'STA-001', 'needs': 'stg_gemeindeverzeichnis__unit'}) }}
-- A figure for a unit that did not exist then: its key is not on the official list of the day that its period covers.
-- A list says nothing of other days, so that only such periods are judged. Berlin's boroughs have keys in the
-- statistics, but they are no municipalities and stand on no list.
with list_day as (
    select distinct reference_date
    from {{ ref('stg_gemeindeverzeichnis__unit') }}
),

figure as (
    select distinct
        table_code, region_code, period_start,
        cast(case period_type_code
            when 'year' then {{ dbt.dateadd('year', 1, 'period_start') }}
            when 'month' then {{ dbt.dateadd('month', 1, 'period_start') }}
            else {{ dbt.dateadd('day', 1, 'period_start') }}
        end as date) as next_period_start
    from {{ ref('fct_regional_statistic') }}
    where
        value is not null and {{ matches('region_code', '[0-9]{5}|[0-9]{8}') }}
        and not (length(region_code) = 8 and region_code like '11%')
)

select f.table_code, f.region_code, f.period_start, d.reference_date
from figure as f
inner join list_day as d on d.reference_date >= f.period_start and d.reference_date < f.next_period_start
left join {{ ref('stg_gemeindeverzeichnis__unit') }} as u
    on f.region_code = u.ags and d.reference_date = u.reference_date
where u.ags is null
