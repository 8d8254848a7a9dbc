-- Grain: one row per HS6 product, importing country and year; the newest years of the world trade data, one HS edition.
-- Why: everything about a market that no company changes: how much the country imports from all origins, how that
-- grew in five years, how concentrated the origins are, what a kilogram costs, and what the home country sells there.
-- Exporters' figures are used throughout (BACI is reconciled), so imports are the sum over exporters. The years before
-- the newest show how sure a rank is.
with flow as (
    select
        cast(extract(year from f.period_start) as integer) as year,
        f.reporter_code as exporter_code,
        f.partner_code as importer_code,
        f.hs6_code,
        f.value_eur,
        f.net_mass_kg,
        f.snapshot_id,
        edition.classification_code,
        edition.newest_year
    from {{ ref('fct_trade_flow') }} as f
    inner join {{ ref('int_market_fit__edition') }} as edition on f.classification_code = edition.classification_code
    where
        f.source_id = 'baci'
        and f.flow_code = 'export'
        and f.period_type_code = 'year'
        and f.is_latest_vintage
        and f.product_level = 6
),

home as (
    select
        year,
        max(case when exporter_code = {{ setting('country_code') }} then 1 else 0 end) = 1 as is_reporting
    from flow
    group by year
),

-- One flow is one row of the fact table, so the sum of squares is the one over origins.
imports as (
    select
        classification_code,
        newest_year,
        hs6_code,
        importer_code,
        year,
        sum(value_eur) as import_value_eur,
        sum(value_eur * value_eur) as squared_value,
        sum(case when net_mass_kg > 0 then value_eur end) as weighed_value_eur,
        sum(case when net_mass_kg > 0 then net_mass_kg end) as net_mass_kg,
        sum(case when exporter_code = {{ setting('country_code') }} then value_eur else 0 end) as home_value_eur,
        cast(count(*) as integer) as origin_count,
        max(snapshot_id) as snapshot_id
    from flow
    group by classification_code, newest_year, hs6_code, importer_code, year
),

member as (
    select distinct membership.country_code
    from {{ ref('eu_membership') }} as membership
    cross join {{ ref('int_market_fit__edition') }} as edition
    where
        extract(year from membership.valid_from) <= edition.newest_year
        and (membership.valid_to is null or extract(year from membership.valid_to) > edition.newest_year)
)

select
    imports.hs6_code,
    imports.importer_code as country_iso2_code,
    imports.year,
    imports.classification_code,
    imports.year = imports.newest_year as is_newest,
    cast(imports.import_value_eur as double) as import_value_eur,
    case
        when imports.import_value_eur > 0 and before.import_value_eur > 0
            then 100 * (power(imports.import_value_eur / before.import_value_eur, 0.2) - 1)
    end as import_cagr_5y_pct,
    {{ safe_divide('imports.weighed_value_eur', 'imports.net_mass_kg') }} as unit_value_eur_per_kg,
    {{ safe_divide('imports.squared_value', 'imports.import_value_eur * imports.import_value_eur') }} as origin_hhi,
    imports.origin_count,
    -- The home country reports, so no row of it is a true zero.
    case when home.is_reporting then cast(imports.home_value_eur as double) end as home_export_value_eur,
    case when home.is_reporting then {{ safe_divide('imports.home_value_eur', 'imports.import_value_eur') }} end
        as home_share,
    case when member.country_code is null then 0 else 1 end as is_single_market,
    imports.snapshot_id
from imports
inner join home on imports.year = home.year
left join imports as before
    on
        imports.hs6_code = before.hs6_code and imports.importer_code = before.importer_code
        and imports.year - 5 = before.year
left join member on imports.importer_code = member.country_code
where imports.import_value_eur > 0 and imports.year > imports.newest_year - {{ var('market_fit_years') }}
