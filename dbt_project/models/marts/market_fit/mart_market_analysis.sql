-- Grain: reporter, flow, HS6 product, partner and full calendar year.
-- Why: where demand grows for what is made here, at which price and against whom.
select
    reporter_code as reporter_geo_code,
    flow_code,
    hs6_code,
    hs_revision,
    partner_code as partner_iso2_code,
    cast(year as integer) as year,
    cast(value_eur as double) as value_eur,
    cast(net_mass_kg as double) as net_mass_kg,
    cast(unit_value_eur_per_kg as double) as unit_value_eur_per_kg,
    cast(yoy_growth_pct as double) as yoy_growth_pct,
    cast(cagr_5y_pct as double) as cagr_5y_pct,
    cast(partner_share_pct as double) as partner_share_pct,
    cast(partner_world_import_eur as double) as partner_world_import_eur,
    cast(partner_import_cagr_5y_pct as double) as partner_import_cagr_5y_pct,
    cast(market_hhi as double) as market_hhi,
    cast(rca_balassa as double) as rca_balassa,
    is_series_break,
    cast(confidential_share_pct as double) as confidential_share_pct,
    data_status_code,
    snapshot_id
from {{ ref('int_market_analysis__market') }}
