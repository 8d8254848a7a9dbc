{{ config(severity='warn', meta={'rule_id': 'TRD-004', 'needs': 'int_trade__month'}) }}
-- A large value with a mass of zero and no other unit, row by row: masses come in whole kilograms, so small
-- consignments may, and dear ones are to be looked at. How much of a month may be so is the blocking half of the
-- rule.
select source_id, reporter_code, partner_code, product_code, flow_code, period_start, value_eur, net_mass_kg
from {{ ref('fct_trade_flow') }}
where
    source_id = 'comext' and is_latest_vintage and confidentiality_code = 'none'
    and net_mass_kg = 0 and supplementary_unit_code is null
    and value_eur > {{ gate('TRD-004', 'weightless_row_max_eur') }}
