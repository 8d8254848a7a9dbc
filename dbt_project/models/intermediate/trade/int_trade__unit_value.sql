-- Grain: source x reporter x flow x HS6 product of the newest month of that reporter and flow.
-- Why: a zero too many in a mass or a value moves the price of a kilogram where it moves no total. The newest month
-- is held against the product's own months before it, of the same edition of the Harmonized System: codes of two
-- editions are two products. Median and median deviation, because the history holds such errors as well.
with cell as (
    select
        source_id, reporter_code, flow_code, hs6_code, period_start,
        sum(value_eur) as value_eur,
        sum(net_mass_kg) as net_mass_kg,
        sum(value_eur) / sum(net_mass_kg) as unit_value_eur
    from {{ ref('fct_trade_flow') }}
    where is_latest_vintage and period_type_code = 'month' and hs6_code is not null and net_mass_kg > 0 and value_eur > 0
    group by source_id, reporter_code, flow_code, hs6_code, period_start
),

newest as (
    select c.source_id, c.reporter_code, c.flow_code, c.period_start, {{ year_start('e.valid_from_year') }} as edition_start
    from (
        select source_id, reporter_code, flow_code, max(period_start) as period_start
        from cell
        group by source_id, reporter_code, flow_code
    ) as c
    inner join {{ ref('hs_edition') }} as e
        on
            extract(year from c.period_start) >= e.valid_from_year
            and (e.valid_to_year is null or extract(year from c.period_start) <= e.valid_to_year)
),

history as (
    select c.source_id, c.reporter_code, c.flow_code, c.hs6_code, c.unit_value_eur
    from cell as c
    inner join newest as n
        on
            c.source_id = n.source_id and c.reporter_code = n.reporter_code and c.flow_code = n.flow_code
            and c.period_start < n.period_start and c.period_start >= n.edition_start
    where {{ dbt.datediff('c.period_start', 'n.period_start', 'month') }} <= {{ gate('TRD-009', 'history_max_months') }}
),

middle as (
    select
        source_id, reporter_code, flow_code, hs6_code,
        median(unit_value_eur) as usual_unit_value_eur,
        count(*) as history_month_count
    from history
    group by source_id, reporter_code, flow_code, hs6_code
),

spread as (
    select
        h.source_id, h.reporter_code, h.flow_code, h.hs6_code,
        median(abs(h.unit_value_eur - m.usual_unit_value_eur)) as deviation_eur
    from history as h
    inner join middle as m
        on
            h.source_id = m.source_id and h.reporter_code = m.reporter_code and h.flow_code = m.flow_code
            and h.hs6_code = m.hs6_code
    group by h.source_id, h.reporter_code, h.flow_code, h.hs6_code
)

select
    c.source_id,
    c.reporter_code,
    c.flow_code,
    c.hs6_code,
    c.period_start,
    c.value_eur,
    c.net_mass_kg,
    c.unit_value_eur,
    m.usual_unit_value_eur,
    s.deviation_eur as usual_deviation_eur,
    coalesce(m.history_month_count, 0) as history_month_count,
    -- A history without any movement would make every change a finding: a floor stands under the deviation.
    case
        when m.history_month_count >= {{ gate('TRD-009', 'history_min_months') }}
            and c.value_eur >= {{ gate('TRD-009', 'value_min_eur') }}
            then abs(c.unit_value_eur - m.usual_unit_value_eur)
                / greatest(
                    s.deviation_eur, {{ gate('TRD-009', 'deviation_floor_pct') }} / 100 * m.usual_unit_value_eur
                )
    end as deviation_count
from cell as c
inner join newest as n
    on
        c.source_id = n.source_id and c.reporter_code = n.reporter_code and c.flow_code = n.flow_code
        and c.period_start = n.period_start
left join middle as m
    on
        c.source_id = m.source_id and c.reporter_code = m.reporter_code and c.flow_code = m.flow_code
        and c.hs6_code = m.hs6_code
left join spread as s
    on
        c.source_id = s.source_id and c.reporter_code = s.reporter_code and c.flow_code = s.flow_code
        and c.hs6_code = s.hs6_code
