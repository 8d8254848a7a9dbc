{{ config(meta={'rule_id': 'STA-008'}) }}
-- Every statistic that feeds the profile of the region says from which size on it counts, and it is the threshold the
-- profile states: figures of units with 20 and more persons are never in a series with figures of all.
with fed as (
    select distinct table_code, substr(table_code, 1, 5) as statistics_code from {{ ref('int_industry__employment') }}
),

stated as (
    select distinct threshold_code from {{ ref('mart_region_industry_profile') }}
)

select fed.table_code, threshold.threshold_code, stated.threshold_code as stated_threshold_code
from fed
cross join stated
left join {{ ref('statistics_threshold') }} as threshold on fed.statistics_code = threshold.statistics_code
where threshold.threshold_code is null or threshold.threshold_code <> stated.threshold_code
