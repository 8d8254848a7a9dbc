{{ config(meta={'rule_id': 'REL-005', 'needs': 'mart_market_analysis'}) }}
-- Nothing is lost or doubled between the fact and the markets of a reporter, flow and year: counted from the fact by the
-- line of figures that is chosen, without the sums by product and partner in between.
with home as (
    select {{ setting('country_code') }} as country_code
),

counted as (
    select l.reporter_code, l.flow_code, l.year, f.partner_code, f.value_eur
    from {{ ref('fct_trade_flow') }} as f
    inner join {{ ref('int_market_analysis__line') }} as l
        on
            f.source_id = l.source_id and f.reporter_code = l.reporter_code and f.flow_code = l.flow_code
            and extract(year from f.period_start) = l.year and f.period_type_code = l.period_type_code
            and f.product_level = l.product_level and f.classification_code = l.classification_code
    where l.is_chosen and f.source_id <> 'baci' and f.is_latest_vintage and f.hs6_code is not null
    union all
    -- World trade data hold a flow once, as the exporter's.
    select
        l.reporter_code, l.flow_code, l.year,
        case when l.flow_code = 'export' then f.partner_code else f.reporter_code end,
        f.value_eur
    from {{ ref('fct_trade_flow') }} as f
    inner join home on f.reporter_code = home.country_code or f.partner_code = home.country_code
    inner join {{ ref('int_market_analysis__line') }} as l
        on
            l.source_id = 'baci' and l.is_chosen and f.classification_code = l.classification_code
            and extract(year from f.period_start) = l.year
            and case when f.reporter_code = home.country_code then 'export' else 'import' end = l.flow_code
    where f.source_id = 'baci' and f.is_latest_vintage and f.product_level = 6
),

fact as (
    select c.reporter_code, c.flow_code, c.year, sum(c.value_eur) as fact_eur
    from counted as c
    left join {{ ref('country_pseudo_codes') }} as p
        on c.partner_code = p.country_code and p.meaning_code = 'aggregate'
    where p.country_code is null
    group by c.reporter_code, c.flow_code, c.year
),

mart as (
    select reporter_geo_code, flow_code, year, sum(value_eur) as mart_eur
    from {{ ref('mart_market_analysis') }}
    group by reporter_geo_code, flow_code, year
)

select f.reporter_code, f.flow_code, f.year, f.fact_eur, m.mart_eur
from fact as f
left join mart as m on f.reporter_code = m.reporter_geo_code and f.flow_code = m.flow_code and f.year = m.year
where abs(coalesce(f.fact_eur, 0) - coalesce(m.mart_eur, 0)) > 1e-9 * coalesce(f.fact_eur, 0)
