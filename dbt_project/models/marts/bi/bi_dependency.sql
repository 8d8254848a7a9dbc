-- Grain: one row per wave, driver, Kreis, WZ division and size band; 'TOTAL' stands for a sum over that dimension.
-- Why: what may be said in public about dependency. Only companies that agreed to benchmarks count; a hidden cell keeps
-- its row and says why, and its figures are NULL. A figure that would say something of every company of the cell, or from
-- which one of a hidden cell could be computed, is NULL too.
select
    cast(protected.wave_id as varchar) as wave_id,
    cast(protected.driver_code as varchar) as driver_code,
    cast(protected.kreis_ags as varchar) as kreis_ags,
    cast(protected.wz2_code as varchar) as wz2_code,
    cast(protected.headcount_band_code as varchar) as headcount_band_code,
    cast(case when protected.suppression_code = 'none' then protected.company_count end as integer) as company_count,
    cast(case when protected.suppression_code = 'none' then protected.published_mean end as double) as mean_score,
    cast(case when protected.suppression_code = 'none' then protected.published_share end as double) as share_high_pct,
    cast(protected.suppression_code as varchar) as suppression_code,
    cast(run_fact.run_id as varchar) as published_run_id
from {{ ref('int_dependency__protected') }} as protected
cross join (select max(run_id) as run_id from {{ ref('stg_meta__run') }}) as run_fact
