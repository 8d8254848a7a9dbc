-- Grain: source x reporter x flow x level of detail x HS chapter x period of the trade in force.
-- Why: a chapter is small enough to show a wrong unit and large enough not to jump by a thousand of its own. How much
-- of it is secret stands beside, against the same period of the year before.
with series as (
    select
        source_id, reporter_code, flow_code, period_type_code, product_level,
        substr(product_code, 1, 2) as chapter_code,
        period_start,
        -- In the currency of the report: a rate would be a second reason to jump.
        sum(coalesce(value_usd, value_eur)) as value,
        sum(net_mass_kg) as net_mass_kg,
        sum(case when confidentiality_code <> 'none' then coalesce(value_usd, value_eur) else 0 end) as secret_value,
        max(case when is_series_break then 1 else 0 end) = 1 as has_series_break
    from {{ ref('int_trade__flagged_flow') }}
    where is_latest_vintage
    group by
        source_id, reporter_code, flow_code, period_type_code, product_level, substr(product_code, 1, 2), period_start
),

followed as (
    select
        *,
        100 * {{ safe_divide('secret_value', 'value') }} as secret_value_pct,
        lag(value) over (
            partition by source_id, reporter_code, flow_code, period_type_code, product_level, chapter_code
            order by period_start
        ) as previous_value,
        lag(net_mass_kg) over (
            partition by source_id, reporter_code, flow_code, period_type_code, product_level, chapter_code
            order by period_start
        ) as previous_net_mass_kg
    from series
),

{%- set floor = gate('TRD-011', 'smaller_side_min') %}
{%- set both_valued = 'f.value >= ' ~ floor ~ ' and f.previous_value >= ' ~ floor %}
{%- set price = 'f.value / f.net_mass_kg' %}
{%- set previous_price = 'f.previous_value / f.previous_net_mass_kg' %}
measured as (
    -- How many times the larger side is the smaller one; NULL where a side is too small to say anything.
    select
        f.*,
        case when {{ both_valued }} then greatest(f.value / f.previous_value, f.previous_value / f.value) end
            as value_factor,
        case
            when f.net_mass_kg >= {{ floor }} and f.previous_net_mass_kg >= {{ floor }}
                then greatest(f.net_mass_kg / f.previous_net_mass_kg, f.previous_net_mass_kg / f.net_mass_kg)
        end as mass_factor,
        case
            when {{ both_valued }} and f.net_mass_kg > 0 and f.previous_net_mass_kg > 0
                then greatest(({{ price }}) / ({{ previous_price }}), ({{ previous_price }}) / ({{ price }}))
        end as price_factor
    from followed as f
)

select
    m.source_id,
    m.reporter_code,
    m.flow_code,
    m.period_type_code,
    m.product_level,
    m.chapter_code,
    m.period_start,
    m.value,
    m.net_mass_kg,
    m.previous_value,
    m.previous_net_mass_kg,
    m.value_factor,
    m.mass_factor,
    m.price_factor,
    m.secret_value_pct,
    m.secret_value_pct - y.secret_value_pct as secret_change_points,
    m.has_series_break
from measured as m
left join followed as y
    on
        m.source_id = y.source_id and m.reporter_code = y.reporter_code and m.flow_code = y.flow_code
        and m.period_type_code = y.period_type_code and m.product_level = y.product_level
        and m.chapter_code = y.chapter_code
        and y.period_start = cast({{ dbt.dateadd('year', -1, 'm.period_start') }} as date)
