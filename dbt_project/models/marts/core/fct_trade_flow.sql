-- Grain: one row per source, reporter, partner, product, flow, period and vintage.
-- Why: every trade figure in one table, each in its own edition and level; nothing is bridged or summed here.
-- Marts choose a source, a level and `is_latest_vintage`. Euro values of dollar sources use the ECB's annual
-- average rate and are NULL for a year without one.
with flow as (
    select
        'baci' as source_id, reporter_code, partner_code, classification_code, product_code,
        6 as product_level, 'export' as flow_code, {{ year_start('year') }} as period_start,
        'year' as period_type_code, vintage_id, year, cast(null as double) as reported_eur, value_usd, net_mass_kg,
        cast(null as double) as supplementary_quantity,
        cast(null as {{ dbt.type_string() }}) as supplementary_unit_code,
        'none' as confidentiality_code, 'ok' as value_status_code, is_latest_vintage, snapshot_id
    from {{ ref('int_trade__baci') }}
    union all
    select
        'comext', reporter_code, partner_code, classification_code, product_code,
        cast(length(product_code) as integer), flow_code, period_start,
        period_type_code, vintage_id, null, value_eur, null, net_mass_kg,
        supplementary_quantity, supplementary_unit_code,
        confidentiality_code, value_status_code, is_latest_vintage, snapshot_id
    from {{ ref('int_trade__comext') }}
    union all
    select
        'comtrade', reporter_code, partner_code, classification_code, product_code,
        product_level, flow_code, {{ year_start('year') }},
        'year', vintage_id, year, null, value_usd, null,
        null, null,
        'none', 'ok', is_latest_vintage, snapshot_id
    from {{ ref('int_trade__comtrade') }}
    union all
    select
        'hs4_world_exports', reporter_code, 'W00', classification_code, product_code,
        4, 'export', {{ year_start('year') }},
        'year', vintage_id, year, null, value_usd, null,
        null, null,
        'none', 'ok', is_latest_vintage, snapshot_id
    from {{ ref('int_trade__hs4_world_exports') }}
)

select
    f.source_id,
    f.reporter_code,
    f.partner_code,
    f.classification_code,
    f.product_code,
    cast(f.product_level as integer) as product_level,
    case
        when f.product_level >= 6 and {{ matches("substr(f.product_code, 1, 6)", "[0-9]{6}") }}
            then substr(f.product_code, 1, 6)
    end as hs6_code,
    f.flow_code,
    f.period_start,
    f.period_type_code,
    f.vintage_id,
    cast(case
        when f.reported_eur is not null then f.reported_eur
        else f.value_usd / r.usd_per_eur
    end as double) as value_eur,
    cast(f.value_usd as double) as value_usd,
    cast(f.net_mass_kg as double) as net_mass_kg,
    cast(f.supplementary_quantity as double) as supplementary_quantity,
    f.supplementary_unit_code,
    f.confidentiality_code,
    f.value_status_code,
    f.is_latest_vintage,
    f.snapshot_id
from flow as f
left join {{ ref('int_trade__exchange_rate') }} as r on f.year = r.year
