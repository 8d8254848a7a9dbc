-- Grain: one row per HS6 product and importing country, newest year of the world trade data, one HS edition.
-- Why: everything about a market that no company changes: how much the country imports from all origins, how that
-- grew in five years, how concentrated the origins are, what a kilogram costs, and what the home country sells there.
-- Exporters' figures are used throughout (BACI is reconciled), so imports are the sum over exporters. World trade may
-- be loaded in several editions of the Harmonized System; a code means another product in another, so one is chosen.
with edition_year as (
    select distinct classification_code, year from {{ ref('int_trade__world_import') }}
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

world as (
    select w.*, newest.year as newest_year
    from {{ ref('int_trade__world_import') }} as w
    inner join newest on w.classification_code = newest.classification_code
),

home as (
    select count(home_value_eur) > 0 as is_reporting
    from world
    where year = newest_year
),

imports as (
    select * from world where year = newest_year
),

five_years_before as (
    select hs6_code, importer_code, import_value_eur from world where year = newest_year - 5
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
    {{ safe_divide('imports.weighed_value_eur', 'imports.net_mass_kg') }} as unit_value_eur_per_kg,
    imports.market_hhi / 10000 as origin_hhi,
    imports.origin_count,
    -- The home country reports, so no row of it is a true zero.
    case when home.is_reporting then cast(coalesce(imports.home_value_eur, 0) as double) end
        as home_export_value_eur,
    case
        when home.is_reporting
            then {{ safe_divide('coalesce(imports.home_value_eur, 0)', 'imports.import_value_eur') }}
    end as home_share,
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
