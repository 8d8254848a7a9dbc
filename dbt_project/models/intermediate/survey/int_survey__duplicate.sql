-- Grain: one row per response of a company that answered a wave more than once.
-- Why: the list behind SRV-012: its test warns with these rows, which say what was kept and what was set aside.
select
    response.wave_id,
    response.response_id,
    response.company_id,
    kept.response_id as kept_response_id,
    response.response_rank = 1 as is_kept,
    response.is_complete,
    response.answered_at,
    response.response_count,
    response.snapshot_id
from {{ ref('int_survey__response_consented') }} as response
inner join {{ ref('int_survey__response') }} as kept
    on response.wave_id = kept.wave_id and response.company_id = kept.company_id
where response.response_count > 1
