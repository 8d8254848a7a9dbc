-- Grain: one row per HS6 product, importing country and year; the newest years of the world trade data, one HS edition.
-- Why: everything about a market that no company changes: how much the country imports from all origins, how that
-- grew in five years, how concentrated the origins are, what a kilogram costs, and what the home country sells there.
-- The years before the newest show how sure a rank is.
with world as (
    select w.*, edition.newest_year
    from {{ ref('int_trade__world_import') }} as w
    inner join {{ ref('int_market_fit__edition') }} as edition on w.classification_code = edition.classification_code
),

home as (
    select year, count(home_value_eur) > 0 as is_reporting
    from world
    group by year
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
    world.hs6_code,
    world.importer_code as country_iso2_code,
    world.year,
    world.classification_code,
    world.year = world.newest_year as is_newest,
    cast(world.import_value_eur as double) as import_value_eur,
    case
        when world.import_value_eur > 0 and before.import_value_eur > 0
            then 100 * (power(world.import_value_eur / before.import_value_eur, 0.2) - 1)
    end as import_cagr_5y_pct,
    {{ safe_divide('world.weighed_value_eur', 'world.net_mass_kg') }} as unit_value_eur_per_kg,
    world.market_hhi / 10000 as origin_hhi,
    world.origin_count,
    -- The home country reports, so no row of it is a true zero.
    case when home.is_reporting then cast(coalesce(world.home_value_eur, 0) as double) end as home_export_value_eur,
    case
        when home.is_reporting then {{ safe_divide('coalesce(world.home_value_eur, 0)', 'world.import_value_eur') }}
    end as home_share,
    case when member.country_code is null then 0 else 1 end as is_single_market,
    world.snapshot_id
from world
inner join home on world.year = home.year
left join world as before
    on
        world.hs6_code = before.hs6_code and world.importer_code = before.importer_code
        and world.year - 5 = before.year
left join member on world.importer_code = member.country_code
where world.import_value_eur > 0 and world.year > world.newest_year - {{ var('market_fit_years') }}
