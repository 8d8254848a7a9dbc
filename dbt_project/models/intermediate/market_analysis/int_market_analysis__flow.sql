-- Grain: reporter x flow x HS6 x partner x year, of the line of figures that is chosen for the year.
-- Why: what the reporter trades there and how that moves. Growth stays within one line, so that a change of source is never
-- growth; it needs both years above zero. A part without a figure makes the sum unknown: what is missing is not zero.
with line as (
    select
        line_code, source_id, reporter_code, flow_code, year, period_type_code, product_level, classification_code,
        is_chosen
    from {{ ref('int_market_analysis__line') }}
),

home as (
    select {{ setting('country_code') }} as country_code
),

-- Totals of many partners are no partner.
no_partner as (
    select country_code from {{ ref('country_pseudo_codes') }} where meaning_code = 'aggregate'
),

own as (
    select
        l.line_code, l.reporter_code, l.flow_code, l.year, l.is_chosen, f.hs6_code, f.partner_code,
        f.value_eur, f.net_mass_kg, f.value_status_code
    from {{ ref('fct_trade_flow') }} as f
    inner join line as l
        on
            f.source_id = l.source_id and f.reporter_code = l.reporter_code and f.flow_code = l.flow_code
            and extract(year from f.period_start) = l.year and f.period_type_code = l.period_type_code
            and f.product_level = l.product_level and f.classification_code = l.classification_code
    where f.source_id in ('comext', 'comtrade') and f.is_latest_vintage and f.hs6_code is not null
),

world as (
    select
        case when f.reporter_code = home.country_code then 'export' else 'import' end as flow_code,
        f.classification_code, f.hs6_code,
        case when f.reporter_code = home.country_code then f.partner_code else f.reporter_code end as partner_code,
        cast(extract(year from f.period_start) as integer) as year, f.value_eur, f.net_mass_kg
    from {{ ref('fct_trade_flow') }} as f
    inner join home on f.reporter_code = home.country_code or f.partner_code = home.country_code
    where f.source_id = 'baci' and f.is_latest_vintage and f.product_level = 6
),

part as (
    select * from own
    union all
    select
        l.line_code, l.reporter_code, l.flow_code, l.year, l.is_chosen, w.hs6_code, w.partner_code,
        w.value_eur, w.net_mass_kg, 'ok'
    from world as w
    inner join line as l
        on
            l.source_id = 'baci' and w.flow_code = l.flow_code and w.year = l.year
            and w.classification_code = l.classification_code
),

summed as (
    select
        p.line_code, p.reporter_code, p.flow_code, p.hs6_code, p.partner_code, p.year, p.is_chosen,
        case when count(*) = count(p.value_eur) then sum(p.value_eur) end as value_eur,
        case when count(*) = count(p.net_mass_kg) then sum(p.net_mass_kg) end as net_mass_kg,
        -- A year is as settled as its least settled part; sources without a status say nothing.
        case
            when sum(case when p.value_status_code = 'provisional' then 1 else 0 end) > 0 then 'provisional'
            when sum(case when p.value_status_code = 'revised' then 1 else 0 end) > 0 then 'revised'
            when sum(case when p.value_status_code = 'final' then 1 else 0 end) > 0 then 'final'
        end as data_status_code
    from part as p
    left join no_partner as n on p.partner_code = n.country_code
    where n.country_code is null
    group by p.line_code, p.reporter_code, p.flow_code, p.hs6_code, p.partner_code, p.year, p.is_chosen
)

{%- set key = 's.line_code = b.line_code and s.reporter_code = b.reporter_code and s.flow_code = b.flow_code '
    ~ 'and s.hs6_code = b.hs6_code and s.partner_code = b.partner_code' %}

select
    s.line_code,
    s.reporter_code,
    s.flow_code,
    s.hs6_code,
    s.partner_code,
    s.year,
    s.value_eur,
    s.net_mass_kg,
    {{ safe_divide('s.value_eur', 's.net_mass_kg') }} as unit_value_eur_per_kg,
    100 * ({{ safe_divide('s.value_eur', 'last_year.value_eur') }} - 1) as yoy_growth_pct,
    case
        when s.value_eur > 0 and five_years_before.value_eur > 0
            then 100 * (power(s.value_eur / five_years_before.value_eur, 0.2) - 1)
    end as cagr_5y_pct,
    -- Of a total with an unknown part no share is known.
    case
        when count(*) over (partition by s.reporter_code, s.flow_code, s.hs6_code, s.year)
            = count(s.value_eur) over (partition by s.reporter_code, s.flow_code, s.hs6_code, s.year)
            then 100 * {{ safe_divide(
                's.value_eur',
                'sum(s.value_eur) over (partition by s.reporter_code, s.flow_code, s.hs6_code, s.year)'
            ) }}
    end as partner_share_pct,
    s.data_status_code
from summed as s
left join summed as last_year on {{ key | replace('b.', 'last_year.') }} and s.year - 1 = last_year.year
left join summed as five_years_before
    on {{ key | replace('b.', 'five_years_before.') }} and s.year - 5 = five_years_before.year
where s.is_chosen
