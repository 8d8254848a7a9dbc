{{ config(materialized='view') }}
-- Grain: one row per reporter, partner, product, flow, year and vintage.
-- Why: the file does not say which edition of the Harmonized System a year is in; countries of the EU report in
-- the edition in force, which the world totals of the same delivery confirm (H5 to 2021, H6 from 2022).
select
    coalesce(reporter.country_code, f.reporter_iso3_code) as reporter_code,
    coalesce(partner.country_code, f.partner_iso3_code) as partner_code,
    e.classification_code,
    f.product_code,
    f.product_level,
    f.flow_code,
    f.year,
    s.vintage_id,
    f.value_usd,
    s.is_latest_vintage,
    f.snapshot_id
from {{ ref('stg_comtrade__flow') }} as f
inner join {{ ref('int_meta__snapshot') }} as s on f.snapshot_id = s.snapshot_id
left join {{ ref('hs_edition') }} as e
    on f.year >= e.valid_from_year and (e.valid_to_year is null or f.year <= e.valid_to_year)
left join {{ ref('int_trade__country_code') }} as reporter
    on reporter.code_system = 'iso3' and reporter.source_code = f.reporter_iso3_code
left join {{ ref('int_trade__country_code') }} as partner
    on partner.code_system = 'iso3' and partner.source_code = f.partner_iso3_code
