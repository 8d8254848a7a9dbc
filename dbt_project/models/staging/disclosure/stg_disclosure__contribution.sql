-- Grain: one row per publication, wave, driver and company that was counted in it.
-- Why: who stood behind the figures that readers have seen. An erased company has no id and no score here, only a mark.
select
    cast(world_id as varchar) as world_id,
    cast(wave_id as varchar) as wave_id,
    cast(driver_code as varchar) as driver_code,
    cast(company_id as varchar) as company_id,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(wz2_code as varchar) as wz2_code,
    cast(headcount_band_code as varchar) as headcount_band_code,
    cast(dependency_score as double) as dependency_score
from {{ source('disclosure', 'contribution') }}
