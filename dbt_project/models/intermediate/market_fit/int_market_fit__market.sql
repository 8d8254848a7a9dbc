-- Grain: one row per HS6 product and importing country, newest year of the world trade data, one HS edition.
-- Why: everything about a market that no company changes: how much the country imports from all origins, how that
-- grew in five years, how concentrated the origins are, what a kilogram costs, and what the home country sells there.
-- Exporters' figures are used throughout (BACI is reconciled), so imports are the sum over exporters. World trade may
-- be loaded in several editions of the Harmonized System; a code means another product in another, so one is chosen.
with loaded as (
    select
        extract(year from period_start) as year,
        reporter_code as exporter_code,
        partner_code as importer_code,
        classification_code,
        hs6_code,
        value_eur,
        net_mass_kg
    from {{ ref('fct_trade_flow') }}
    where
        source_id = 'baci'
        and flow_code = 'export'
        and period_type_code = 'year'
        and is_latest_vintage
        and product_level = 6
),

edition_year as (
    select distinct classification_code, year from loaded
),

-- The edition of the newest year that also reaches five years back, so that growth is known; else the newest edition.
newest as (
    select classification_code, year
    from (
        select
            e.classification_code,
            e.year,
            row_number() over (
                order by e.year desc, case when b.year is null then 1 else 0 end, e.classification_code desc
            ) as choice
        from edition_year as e
        left join edition_year as b on e.classification_code = b.classification_code and e.year - 5 = b.year
    ) as ranked
    where choice = 1
),

flow as (
    select loaded.*
    from loaded
    inner join newest on loaded.classification_code = newest.classification_code
),

home as (
    select
        {{ setting('country_code') }} as country_code,
        max(case when flow.exporter_code = {{ setting('country_code') }} then 1 else 0 end) = 1 as is_reporting
    from flow
    inner join newest on flow.year = newest.year
),

by_origin as (
    select
        flow.classification_code,
        flow.hs6_code,
        flow.importer_code,
        flow.exporter_code,
        sum(flow.value_eur) as value_eur,
        sum(case when flow.net_mass_kg > 0 then flow.value_eur end) as weighed_value_eur,
        sum(case when flow.net_mass_kg > 0 then flow.net_mass_kg end) as net_mass_kg
    from flow
    inner join newest on flow.year = newest.year
    group by flow.classification_code, flow.hs6_code, flow.importer_code, flow.exporter_code
),

imports as (
    select
        by_origin.classification_code,
        by_origin.hs6_code,
        by_origin.importer_code,
        sum(by_origin.value_eur) as import_value_eur,
        sum(by_origin.value_eur * by_origin.value_eur) as squared_value,
        {{ safe_divide('sum(by_origin.weighed_value_eur)', 'sum(by_origin.net_mass_kg)') }} as unit_value_eur_per_kg,
        sum(case when by_origin.exporter_code = home.country_code then by_origin.value_eur else 0 end)
            as home_value_eur,
        cast(count(*) as integer) as origin_count
    from by_origin
    cross join home
    group by by_origin.classification_code, by_origin.hs6_code, by_origin.importer_code
),

five_years_before as (
    select flow.hs6_code, flow.importer_code, sum(flow.value_eur) as import_value_eur
    from flow
    inner join newest on flow.year = newest.year - 5
    group by flow.hs6_code, flow.importer_code
),

member as (
    select distinct membership.country_code
    from {{ ref('eu_membership') }} as membership
    cross join newest
    where
        extract(year from membership.valid_from) <= newest.year
        and (membership.valid_to is null or extract(year from membership.valid_to) > newest.year)
)

select
    imports.hs6_code,
    imports.importer_code as country_iso2_code,
    cast(newest.year as integer) as year,
    imports.classification_code,
    coalesce(product.product_name_de, product.product_name_en) as hs6_label_de,
    country.country_name_de as country_label_de,
    cast(imports.import_value_eur as double) as import_value_eur,
    case
        when imports.import_value_eur > 0 and five_years_before.import_value_eur > 0
            then 100 * (power(imports.import_value_eur / five_years_before.import_value_eur, 0.2) - 1)
    end as import_cagr_5y_pct,
    imports.unit_value_eur_per_kg,
    {{ safe_divide('imports.squared_value', 'imports.import_value_eur * imports.import_value_eur') }} as origin_hhi,
    imports.origin_count,
    -- The home country reports, so no row of it is a true zero.
    case when home.is_reporting then cast(imports.home_value_eur as double) end as home_export_value_eur,
    case when home.is_reporting then {{ safe_divide('imports.home_value_eur', 'imports.import_value_eur') }} end
        as home_share,
    case when member.country_code is null then 0 else 1 end as is_single_market
from imports
cross join newest
cross join home
left join five_years_before
    on imports.hs6_code = five_years_before.hs6_code and imports.importer_code = five_years_before.importer_code
left join member on imports.importer_code = member.country_code
left join {{ ref('dim_product_hs') }} as product
    on imports.classification_code = product.classification_code and imports.hs6_code = product.product_code
left join {{ ref('dim_country') }} as country
    on imports.importer_code = country.country_code and country.valid_to is null
where imports.import_value_eur > 0
