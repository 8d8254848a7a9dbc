-- Grain: reporter x flow x HS chapter x year of a chosen line that says what it withholds.
-- Why: a market with much of its chapter under secret codes or partners is larger than its rows. BACI and UN Comtrade do
-- not say what is withheld: nothing is known there, which is not the same as nothing being secret.
select
    l.reporter_code,
    l.flow_code,
    l.year,
    substr(f.product_code, 1, 2) as chapter_code,
    100 * {{ safe_divide(
        "sum(case when f.confidentiality_code <> 'none' then f.value_eur else 0 end)", 'sum(f.value_eur)'
    ) }} as confidential_share_pct
from {{ ref('fct_trade_flow') }} as f
inner join {{ ref('int_market_analysis__line') }} as l
    on
        f.source_id = l.source_id and f.reporter_code = l.reporter_code and f.flow_code = l.flow_code
        and extract(year from f.period_start) = l.year and f.period_type_code = l.period_type_code
        and f.product_level = l.product_level and f.classification_code = l.classification_code
where l.is_chosen and f.source_id = 'comext' and f.is_latest_vintage
group by l.reporter_code, l.flow_code, l.year, substr(f.product_code, 1, 2)
