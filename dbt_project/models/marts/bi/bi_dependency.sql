-- Grain: one row per wave, driver, Kreis, WZ division and size band; 'TOTAL' stands for a sum over that dimension.
-- Why: what may be said in public about dependency. Only companies that agreed to benchmarks count; a hidden cell keeps
-- its row and says why, and its figures are NULL. A figure that would say something of every company of the cell, or from
-- which one of a hidden cell could be computed, is NULL too. A row in which too few companies changed since it was
-- published stays as it was, with the run that made it: totals and members may then be of different runs.
select
    cast(published.wave_id as varchar) as wave_id,
    cast(published.driver_code as varchar) as driver_code,
    cast(published.kreis_ags as varchar) as kreis_ags,
    cast(published.wz2_code as varchar) as wz2_code,
    cast(published.headcount_band_code as varchar) as headcount_band_code,
    cast(case when published.suppression_code = 'none' then published.company_count end as integer) as company_count,
    cast(case when published.suppression_code = 'none' then published.mean_score end as double) as mean_score,
    cast(case when published.suppression_code = 'none' then published.share_high_pct end as double) as share_high_pct,
    cast(published.suppression_code as varchar) as suppression_code,
    cast(published.world_id as varchar) as published_run_id
from {{ ref('int_dependency__published') }} as published
