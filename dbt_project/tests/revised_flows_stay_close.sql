{{ config(severity='warn', meta={'rule_id': 'TRD-008', 'needs': 'int_trade__revision where is_latest_vintage'}) }}
-- A single flow (partner x HS6) that moved much between two vintages: listed, because somebody may have typed a zero.
with valued as (
    select
        reporter_code, partner_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage,
        substr(product_code, 1, 6) as hs6_code,
        sum(value_eur) as value_eur
    from {{ ref('int_trade__comext') }}
    group by
        reporter_code, partner_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage,
        substr(product_code, 1, 6)
),

followed as (
    select
        *,
        lag(value_eur) over (
            partition by reporter_code, partner_code, flow_code, period_type_code, period_start, hs6_code
            order by vintage_id
        ) as previous_value_eur
    from valued
)

select *
from followed
where
    is_latest_vintage
    and abs(value_eur - previous_value_eur) > {{ gate('TRD-008', 'change_min_eur') }}
    and 100 * abs(value_eur - previous_value_eur) > {{ gate('TRD-008', 'change_max_pct') }} * previous_value_eur
