-- Grain: reporter x flow x month of the trade in force.
-- Why: a month that is missing, or that came half, makes every sum over a year wrong without any row being wrong; so
-- its cells (partner x chapter) are held against the twelve months before it. How much of it is secret, how much has
-- neither mass nor another unit, and whether the other direction came as well stand beside.
with cell as (
    select
        reporter_code, flow_code, period_start, partner_code,
        substr(product_code, 1, 2) as chapter_code,
        sum(value_eur) as value_eur,
        sum(case when confidentiality_code <> 'none' then value_eur else 0 end) as secret_value_eur,
        -- Secret rows come without a mass on purpose.
        sum(
            case
                when net_mass_kg = 0 and supplementary_unit_code is null and confidentiality_code = 'none'
                    then value_eur
                else 0
            end
        ) as weightless_value_eur
    from {{ ref('int_trade__comext') }}
    where is_latest_vintage and period_type_code = 'month'
    group by reporter_code, flow_code, period_start, partner_code, substr(product_code, 1, 2)
),

month as (
    select
        reporter_code, flow_code, period_start,
        count(*) as cell_count,
        sum(value_eur) as value_eur,
        sum(secret_value_eur) as secret_value_eur,
        sum(weightless_value_eur) as weightless_value_eur
    from cell
    group by reporter_code, flow_code, period_start
),

before as (
    select
        *,
        lag(period_start) over (partition by reporter_code, flow_code order by period_start) as previous_period_start,
        avg(cell_count) over (
            partition by reporter_code, flow_code order by period_start rows between 12 preceding and 1 preceding
        ) as usual_cell_count,
        count(*) over (partition by reporter_code, period_start) as flow_count
    from month
)

select
    reporter_code,
    flow_code,
    period_start,
    cell_count,
    usual_cell_count,
    100 * {{ safe_divide('cell_count', 'usual_cell_count') }} as cells_pct,
    {{ dbt.datediff('previous_period_start', 'period_start', 'month') }} - 1 as missing_month_count,
    value_eur,
    100 * {{ safe_divide('secret_value_eur', 'value_eur') }} as secret_value_pct,
    100 * {{ safe_divide('weightless_value_eur', 'value_eur') }} as weightless_value_pct,
    flow_count
from before
