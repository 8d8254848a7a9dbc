{{ config(meta={'rule_id': 'TRD-011', 'needs': 'int_trade__chapter where value_factor is not null'}) }}
-- Euro for thousand euro, kilograms for tonnes: a chapter whose value, mass or price moves by a thousand, up or down.
{%- set low = '(1000 - 10 * ' ~ gate('TRD-011', 'tolerance_pct') ~ ')' %}
{%- set high = '(1000 + 10 * ' ~ gate('TRD-011', 'tolerance_pct') ~ ')' %}
select
    source_id, reporter_code, flow_code, chapter_code, period_start, value, net_mass_kg, previous_net_mass_kg,
    value_factor as value_factor_count, mass_factor as mass_factor_count, price_factor as price_factor_count
from {{ ref('int_trade__chapter') }}
where
    value_factor between {{ low }} and {{ high }}
    or mass_factor between {{ low }} and {{ high }}
    or price_factor between {{ low }} and {{ high }}
