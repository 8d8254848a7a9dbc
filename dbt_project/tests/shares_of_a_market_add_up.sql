{{ config(meta={'rule_id': 'MRT-004'}) }}
-- The partners of one product, reporter, flow and year are all of it: 100 percent, or no share at all.
select reporter_geo_code, flow_code, hs6_code, year, sum(partner_share_pct) as share_pct
from {{ ref('mart_market_analysis') }}
group by reporter_geo_code, flow_code, hs6_code, year
having abs(sum(partner_share_pct) - 100) > 1e-6
