-- Grain: HS edition x HS6 product x importing country x year of the world trade data.
-- Why: the one place where tens of millions of bilateral rows become markets; what reads it needs no second pass over the
-- fact. BACI is reconciled and tells exports, so imports are the sum over exporters. The key of the fact holds one row for
-- each pair, so squares add up without a sum by origin first. Shares are of dollars: they need no exchange rate.
with home as (
    select {{ setting('country_code') }} as country_code
)

select
    f.classification_code,
    f.hs6_code,
    f.partner_code as importer_code,
    cast(extract(year from f.period_start) as integer) as year,
    -- A part without a rate makes the sum unknown, not smaller.
    case when count(*) = count(f.value_eur) then sum(f.value_eur) end as import_value_eur,
    10000 * {{ safe_divide('sum(f.value_usd * f.value_usd)', 'sum(f.value_usd) * sum(f.value_usd)') }} as market_hhi,
    sum(case when f.net_mass_kg > 0 then f.value_eur end) as weighed_value_eur,
    sum(case when f.net_mass_kg > 0 then f.net_mass_kg end) as net_mass_kg,
    sum(case when f.reporter_code = home.country_code then f.value_eur end) as home_value_eur,
    cast(count(*) as integer) as origin_count,
    max(f.snapshot_id) as snapshot_id
from {{ ref('fct_trade_flow') }} as f
cross join home
where
    f.source_id = 'baci'
    and f.flow_code = 'export'
    and f.period_type_code = 'year'
    and f.is_latest_vintage
    and f.product_level = 6
group by f.classification_code, f.hs6_code, f.partner_code, f.period_start
