{{ config(materialized='view') }}
-- Grain: as fct_trade_flow.
-- Why: a series that breaks says so for as long as a comparison with the year before crosses the break. The flag stands
-- beside the fact, whose columns are fixed. A code that came out of an n:m change breaks: what was counted under it the year
-- before is not known.
with changed_code as (
    select distinct scheme_to as classification_code, code_to as product_code
    from {{ ref('int_classification__bridge') }}
    where
        scheme_from like 'CN%' and scheme_to like 'CN%' and relation_code = 'many_to_many'
        and cast(substr(scheme_to, 3, 4) as integer) = cast(substr(scheme_from, 3, 4) as integer) + 1
)

select
    f.source_id,
    f.reporter_code,
    f.partner_code,
    f.classification_code,
    f.product_code,
    f.product_level,
    f.flow_code,
    f.period_start,
    f.period_type_code,
    f.vintage_id,
    f.value_eur,
    f.value_usd,
    f.net_mass_kg,
    f.confidentiality_code,
    f.is_latest_vintage,
    b.year is not null or p.year is not null or c.product_code is not null as is_series_break
from {{ ref('fct_trade_flow') }} as f
left join {{ ref('int_trade__series_break') }} as b
    on
        f.source_id = b.source_id and f.reporter_code = b.reporter_code and extract(year from f.period_start) = b.year
        and b.partner_code is null
left join {{ ref('int_trade__series_break') }} as p
    on
        f.source_id = p.source_id and f.reporter_code = p.reporter_code and extract(year from f.period_start) = p.year
        and f.partner_code = p.partner_code
left join changed_code as c on f.classification_code = c.classification_code and f.product_code = c.product_code
