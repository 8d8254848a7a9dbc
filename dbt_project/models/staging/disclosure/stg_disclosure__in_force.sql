-- Grain: one row per row of the served release's dependency table.
-- Why: which publication the figures that readers see now were made for.
select
    cast(wave_id as varchar) as wave_id,
    cast(driver_code as varchar) as driver_code,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(wz2_code as varchar) as wz2_code,
    cast(headcount_band_code as varchar) as headcount_band_code,
    cast(world_id as varchar) as world_id
from {{ source('disclosure', 'in_force') }}
