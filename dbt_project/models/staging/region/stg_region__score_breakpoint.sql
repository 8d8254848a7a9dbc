-- Grain: one point of one score curve, from the region folder.
-- Why: curves are configuration with a version, so that a score can be computed again.
select
    score_version,
    driver_code,
    unit_code,
    cast(x as double) as x,
    cast(score as double) as score
from {{ source('region', 'score_breakpoint') }}
