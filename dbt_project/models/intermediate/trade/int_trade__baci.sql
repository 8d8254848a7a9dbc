{{ config(materialized='view') }}
-- Grain: one row per exporter, importer, HS6 product, year and vintage.
-- Why: BACI reconciles both partners' reports into one flow; it is stored once, as the exporter's export, and
-- read from both sides. A view: the fact beside it is the only copy of tens of millions of rows.
with snapshot as (
    select
        s.snapshot_id, s.vintage_id, s.is_latest_vintage,
        coalesce(e.classification_code, split_part(s.partition_key, '_', 1)) as classification_code
    from {{ ref('int_meta__snapshot') }} as s
    left join {{ ref('hs_edition') }} as e on e.baci_code = split_part(s.partition_key, '_', 1)
    where s.source_id = 'baci' and s.dataset_code = 'flow'
)

select
    coalesce(exporter.country_code, f.exporter_baci_code) as reporter_code,
    coalesce(importer.country_code, f.importer_baci_code) as partner_code,
    s.classification_code,
    f.product_code,
    f.year,
    s.vintage_id,
    f.value_usd,
    f.net_mass_kg,
    s.is_latest_vintage,
    f.snapshot_id
from {{ ref('stg_baci__flow') }} as f
inner join snapshot as s on f.snapshot_id = s.snapshot_id
left join {{ ref('int_trade__country_code') }} as exporter
    on exporter.code_system = 'baci' and exporter.source_code = f.exporter_baci_code
left join {{ ref('int_trade__country_code') }} as importer
    on importer.code_system = 'baci' and importer.source_code = f.importer_baci_code
