-- Grain: exactly one row, the run that builds.
-- Why: published rows name the run they come from.
select
    run_id,
    release_id,
    profile_code,
    region_code,
    code_version,
    started_at,
    is_synthetic
from {{ source('meta', 'run') }}
