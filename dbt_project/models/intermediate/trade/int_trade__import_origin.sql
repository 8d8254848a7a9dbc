-- Grain: one row per importer ('EU27_2020' and the home country), product, year and origin.
-- Why: the basis of import dependency. BACI decides where a year is loaded, UN Comtrade fills the other years;
-- the two never meet in one year. The EU is the composition since 2020 in every year (Eurostat's EU27_2020):
-- the United Kingdom is an origin outside it also before 2020.
with member as (
    select country_code
    from {{ ref('eu_membership') }}
    where valid_to is null
),

home as (
    select {{ setting('country_code') }} as country_code
),

baci_year as (
    select distinct extract(year from period_start) as year
    from {{ ref('fct_trade_flow') }}
    where source_id = 'baci' and is_latest_vintage
),

flow as (
    select
        partner_code as importer_code, reporter_code as origin_code, classification_code, product_code,
        product_level, period_start, value_usd, value_eur, snapshot_id
    from {{ ref('fct_trade_flow') }}
    where source_id = 'baci' and is_latest_vintage
    union all
    select
        f.reporter_code, f.partner_code, f.classification_code, f.product_code,
        f.product_level, f.period_start, f.value_usd, f.value_eur, f.snapshot_id
    from {{ ref('fct_trade_flow') }} as f
    where
        f.source_id = 'comtrade' and f.flow_code = 'import' and f.is_latest_vintage and f.partner_code <> 'W00'
        and extract(year from f.period_start) not in (select year from baci_year)
),

by_country as (
    select
        f.importer_code, f.origin_code, f.classification_code, f.product_code, f.product_level,
        cast(extract(year from f.period_start) as integer) as year,
        sum(f.value_usd) as value_usd,
        sum(f.value_eur) as value_eur,
        max(f.snapshot_id) as snapshot_id
    from flow as f
    where f.importer_code in (select country_code from member union all select country_code from home)
    group by
        f.importer_code, f.origin_code, f.classification_code, f.product_code, f.product_level, f.period_start
),

by_importer as (
    select
        'EU27_2020' as importer_code, origin_code, classification_code, product_code, product_level, year,
        value_usd, value_eur, snapshot_id
    from by_country
    where importer_code in (select country_code from member)
    union all
    select
        importer_code, origin_code, classification_code, product_code, product_level, year,
        value_usd, value_eur, snapshot_id
    from by_country
    where importer_code in (select country_code from home)
)

select
    importer_code,
    origin_code,
    classification_code,
    product_code,
    product_level,
    year,
    origin_code not in (select country_code from member) as is_extra_eu,
    sum(value_usd) as value_usd,
    sum(value_eur) as value_eur,
    max(snapshot_id) as snapshot_id
from by_importer
group by importer_code, origin_code, classification_code, product_code, product_level, year
