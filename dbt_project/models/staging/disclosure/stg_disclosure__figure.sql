-- Grain: one row per publication and row that was published from it.
-- Why: what readers of releases that are kept have seen, to be compared with what would be published now.
select
    cast(world_id as varchar) as world_id,
    cast(wave_id as varchar) as wave_id,
    cast(driver_code as varchar) as driver_code,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(wz2_code as varchar) as wz2_code,
    cast(headcount_band_code as varchar) as headcount_band_code,
    cast(company_count as bigint) as company_count,
    cast(mean_score as double) as mean_score,
    cast(share_high_pct as double) as share_high_pct,
    cast(suppression_code as varchar) as suppression_code
from {{ source('disclosure', 'figure') }}
