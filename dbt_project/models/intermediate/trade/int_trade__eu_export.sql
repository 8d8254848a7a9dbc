-- Grain: one row per product and year: exports of the 27 member states to the whole world.
-- Why: the third dependency indicator compares imports with what the EU sells itself. BACI flows are counted
-- from the exporter's side, trade between member states included (the definition says total exports).
select
    f.classification_code,
    f.product_code,
    cast(extract(year from f.period_start) as integer) as year,
    sum(f.value_usd) as value_usd,
    sum(f.value_eur) as value_eur
from {{ ref('fct_trade_flow') }} as f
inner join {{ ref('eu_membership') }} as m on f.reporter_code = m.country_code and m.valid_to is null
where f.source_id = 'baci' and f.is_latest_vintage
group by f.classification_code, f.product_code, f.period_start
