{{ config(materialized='view') }}
-- Grain: one row per exporter, HS4 product, year and vintage; cells without exports are left out.
-- Why: the year is only in the partition. The edition is not stated either: the 1,222 headings delivered are
-- exactly those of HS 2007 (2848, 6908 and 8469 are there; 0308, 3826 and 9619 of HS 2012 are not).
select
    coalesce(reporter.country_code, f.reporter_iso3_code) as reporter_code,
    '{{ var("hs4_world_exports_classification") }}' as classification_code,
    f.product_code,
    cast(s.partition_key as integer) as year,
    s.vintage_id,
    f.value_usd,
    s.is_latest_vintage,
    f.snapshot_id
from {{ ref('stg_hs4_world_exports__export') }} as f
inner join {{ ref('int_meta__snapshot') }} as s on f.snapshot_id = s.snapshot_id
left join {{ ref('int_trade__country_code') }} as reporter
    on reporter.code_system = 'iso3' and reporter.source_code = f.reporter_iso3_code
where f.value_usd is not null
