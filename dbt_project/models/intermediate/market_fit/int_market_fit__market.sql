-- Grain: one row per HS6 product and importing country, newest year of the world trade data, one HS edition.
-- Why: the markets of today with the names people read and the industry that makes the product, which says what
-- competences it asks for; a product of several industries belongs to the one that makes most of it.
with maker as (
    select
        bridge.classification_code,
        bridge.product_code,
        bridge.wz_code,
        row_number() over (
            partition by bridge.classification_code, bridge.product_code order by bridge.weight desc, bridge.wz_code
        ) as choice
    from {{ ref('bridge_product_industry') }} as bridge
    where bridge.wz_revision = 'WZ2008'
)

select
    market.hs6_code,
    market.country_iso2_code,
    market.year,
    market.classification_code,
    coalesce(product.product_name_de, product.product_name_en) as hs6_label_de,
    country.country_name_de as country_label_de,
    maker.wz_code as target_wz2008_code,
    market.import_value_eur,
    market.import_cagr_5y_pct,
    market.unit_value_eur_per_kg,
    market.origin_hhi,
    market.origin_count,
    market.home_export_value_eur,
    market.home_share,
    market.is_single_market,
    market.snapshot_id
from {{ ref('int_market_fit__market_yearly') }} as market
left join maker
    on market.classification_code = maker.classification_code and market.hs6_code = maker.product_code
    and maker.choice = 1
left join {{ ref('dim_product_hs') }} as product
    on market.classification_code = product.classification_code and market.hs6_code = product.product_code
left join {{ ref('dim_country') }} as country
    on market.country_iso2_code = country.country_code and country.valid_to is null
where market.is_newest
