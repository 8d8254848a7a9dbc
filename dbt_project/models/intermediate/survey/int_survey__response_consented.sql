-- Grain: one row per wave and response.
-- Why: the door out of staging. A response passes only in the newest vintage of its wave, with a company and with
-- that company's consent to storage in force; everything else does not exist from here on (SRV-003, SRV-019).
with usable_snapshot as (
    select snapshot_id
    from {{ ref('int_meta__snapshot') }}
    where source_id in ('limesurvey', 'kobo') and is_latest_vintage
),

consented as (
    select
        response.source_id,
        response.wave_id,
        response.response_id,
        company.company_id,
        response.is_complete,
        response.started_at,
        response.submitted_at,
        coalesce(response.submitted_at, response.started_at) as answered_at,
        response.last_page,
        company.is_synthetic,
        response.snapshot_id
    from {{ ref('int_survey__response_delivered') }} as response
    inner join usable_snapshot on response.snapshot_id = usable_snapshot.snapshot_id
    inner join {{ ref('stg_identity__company_key') }} as company
        on response.source_id = company.source_id and company.record_id = response.wave_id || ':' || response.response_id
    inner join {{ ref('int_company__consent') }} as consent
        on company.company_id = consent.company_id and consent.may_store
)

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
    is_synthetic,
    snapshot_id,
    cast(
        row_number() over (
            partition by wave_id, company_id
            order by case when is_complete then 0 else 1 end, answered_at desc nulls last, response_id desc
        ) as integer
    ) as response_rank,
    cast(count(*) over (partition by wave_id, company_id) as integer) as response_count
from consented
