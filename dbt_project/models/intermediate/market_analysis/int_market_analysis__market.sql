-- Grain: reporter x flow x HS6 x partner x year.
-- Why: beside what the reporter trades, what the market is: the partner's imports from all origins, their growth and
-- concentration, and how specialised the reporter is; and what a reader has to know of the series: breaks and secrets.
with flow as (
    select f.*, l.source_id, l.hs_revision, l.snapshot_id, e.world_edition_code
    from {{ ref('int_market_analysis__flow') }} as f
    inner join {{ ref('int_market_analysis__line') }} as l
        on
            f.line_code = l.line_code and f.reporter_code = l.reporter_code and f.flow_code = l.flow_code
            and f.year = l.year
    left join {{ ref('int_market_analysis__edition') }} as e
        on f.year = e.year and l.hs_revision = e.hs_revision and f.hs6_code = e.hs6_code
),

-- Breaks of all products with all partners, by partner, and by edition; each at most one row a key.
broken as (
    select distinct source_id, reporter_code, year
    from {{ ref('int_market_analysis__break') }}
    where partner_code is null and edition_code is null
),

broken_partner as (
    select distinct source_id, reporter_code, year, partner_code
    from {{ ref('int_market_analysis__break') }}
    where partner_code is not null
),

edition_before as (
    select
        classification_code,
        lag(classification_code) over (order by valid_from_year) as previous_code
    from {{ ref('hs_edition') }}
),

broken_edition as (
    select b.source_id, b.reporter_code, b.year, max(e.classification_code) as edition_code, max(e.previous_code) as previous_code
    from {{ ref('int_market_analysis__break') }} as b
    inner join edition_before as e on b.edition_code = e.classification_code
    group by b.source_id, b.reporter_code, b.year
)

select
    flow.reporter_code,
    flow.flow_code,
    flow.hs6_code,
    flow.hs_revision,
    flow.partner_code,
    flow.year,
    flow.source_id,
    flow.value_eur,
    flow.net_mass_kg,
    flow.unit_value_eur_per_kg,
    flow.yoy_growth_pct,
    flow.cagr_5y_pct,
    flow.partner_share_pct,
    world.import_value_eur as partner_world_import_eur,
    case
        when world.import_value_eur > 0 and past.import_value_eur > 0
            then 100 * (power(world.import_value_eur / past.import_value_eur, 0.2) - 1)
    end as partner_import_cagr_5y_pct,
    world.market_hhi,
    space.rca as rca_balassa,
    broken.year is not null or broken_partner.year is not null
    or (broken_edition.year is not null and unchanged.hs6_code is null) as is_series_break,
    secret.confidential_share_pct,
    flow.data_status_code,
    flow.snapshot_id
from flow
left join {{ ref('int_trade__world_import') }} as world
    on
        flow.world_edition_code = world.classification_code and flow.hs6_code = world.hs6_code
        and flow.partner_code = world.importer_code and flow.year = world.year
left join {{ ref('int_trade__world_import') }} as past
    on
        flow.world_edition_code = past.classification_code and flow.hs6_code = past.hs6_code
        and flow.partner_code = past.importer_code and flow.year - 5 = past.year
left join {{ ref('int_product_space__computed') }} as space
    on
        space.source_id = 'baci' and flow.world_edition_code = space.classification_code
        and flow.hs6_code = space.product_code and flow.reporter_code = space.location_code and flow.year = space.year
left join broken
    on flow.source_id = broken.source_id and flow.reporter_code = broken.reporter_code and flow.year = broken.year
left join broken_partner
    on
        flow.source_id = broken_partner.source_id and flow.reporter_code = broken_partner.reporter_code
        and flow.year = broken_partner.year and flow.partner_code = broken_partner.partner_code
left join broken_edition
    on
        flow.source_id = broken_edition.source_id and flow.reporter_code = broken_edition.reporter_code
        and flow.year = broken_edition.year
left join {{ ref('int_market_analysis__unchanged') }} as unchanged
    on
        flow.hs6_code = unchanged.hs6_code and broken_edition.edition_code = unchanged.classification_code
        and broken_edition.previous_code = unchanged.other_classification_code
left join {{ ref('int_market_analysis__secret') }} as secret
    on
        flow.reporter_code = secret.reporter_code and flow.flow_code = secret.flow_code and flow.year = secret.year
        and substr(flow.hs6_code, 1, 2) = secret.chapter_code
