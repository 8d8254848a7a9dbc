{{ config(materialized='view') }}
-- Grain: one row per delivered response and snapshot that counts, whichever survey tool delivered it.
-- Why: LimeSurvey and KoboToolbox in one shape; from here on nobody asks which tool a company answered in. A region may
-- use either or both, also for one wave: Kobo's ids begin with K. Somebody trying the questionnaire is no respondent, nor
-- is a response a person rejected on the review list.
with delivered as (
    select
        'limesurvey' as source_id,
        wave_id,
        response_id,
        started_at,
        submitted_at,
        last_page,
        language_code,
        is_complete,
        response_status_code,
        scale_answer_count,
        scale_same_count,
        snapshot_id
    from {{ ref('stg_limesurvey__response') }}
    union all
    select
        'kobo' as source_id,
        wave_id,
        response_id,
        started_at,
        submitted_at,
        cast(null as integer) as last_page,
        cast(null as varchar) as language_code,
        is_complete,
        'valid' as response_status_code,
        cast(null as bigint) as scale_answer_count,
        cast(null as bigint) as scale_same_count,
        snapshot_id
    from {{ ref('stg_kobo__response') }}
),

decided as (
    select wave_id, response_id, min(decided_status) as decided_status
    from {{ ref('int_survey__decision') }}
    where question_concept_id = ''
    group by wave_id, response_id
)

select
    delivered.source_id,
    delivered.wave_id,
    delivered.response_id,
    delivered.started_at,
    delivered.submitted_at,
    delivered.last_page,
    delivered.language_code,
    delivered.is_complete,
    delivered.scale_answer_count,
    delivered.scale_same_count,
    delivered.snapshot_id
from delivered
left join decided on delivered.wave_id = decided.wave_id and delivered.response_id = decided.response_id
where coalesce(decided.decided_status, case delivered.response_status_code when 'test' then 'invalid' else 'answered' end)
    = 'answered'
