-- Grain: one row per wave and company.
-- Why: a company speaks once per wave. Its newest complete response counts, else its newest partial one.
select
    source_id,
    wave_id,
    response_id,
    company_id,
    is_complete,
    started_at,
    submitted_at,
    answered_at,
    last_page,
    response_count,
    is_synthetic,
    snapshot_id
from {{ ref('int_survey__response_consented') }}
where response_rank = 1
