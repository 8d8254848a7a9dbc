{{ config(meta={'rule_id': 'TRD-003', 'needs': 'fct_trade_flow'}) }}
-- A country code outside its dates, or one that repeats trade which stands under another code of the same month: a
-- file with the break-down of the United Kingdom (XI, XU), laid over the file without it (GB), would count it twice.
with flow as (
{%- for side in ['partner_code', 'reporter_code'] %}
    select distinct
        f.source_id, f.reporter_code, f.partner_code, f.flow_code, f.period_start, f.period_type_code,
        v.country_code, v.valid_from, v.valid_to, v.contains_code
    from {{ ref('fct_trade_flow') }} as f
    inner join {{ ref('country_code_validity') }} as v on f.{{ side }} = v.country_code
    where f.is_latest_vintage
    {{ 'union all' if not loop.last }}
{%- endfor %}
),

dated as (
    select
        *,
        cast(case
            when period_type_code = 'year' then {{ dbt.dateadd('year', 1, 'period_start') }}
            else {{ dbt.dateadd('month', 1, 'period_start') }}
        end as date) as next_period_start
    from flow
)

select 'outside_its_dates' as finding_code, source_id, reporter_code, partner_code, flow_code, period_start
from dated
where next_period_start <= valid_from or period_start > valid_to
union all
select distinct 'counted_twice', d.source_id, d.reporter_code, d.partner_code, d.flow_code, d.period_start
from dated as d
inner join {{ ref('fct_trade_flow') }} as f
    on
        d.source_id = f.source_id and d.reporter_code = f.reporter_code and d.flow_code = f.flow_code
        and d.period_start = f.period_start and d.period_type_code = f.period_type_code
        and f.partner_code = d.contains_code and f.is_latest_vintage
where d.partner_code = d.country_code
