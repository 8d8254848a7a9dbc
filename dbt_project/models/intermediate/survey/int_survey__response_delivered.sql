{{ config(materialized='view') }}
-- Grain: one row per delivered response and snapshot, whichever survey tool delivered it.
-- Why: LimeSurvey and KoboToolbox in one shape; from here on nobody asks which tool a company answered in. A region may
-- use either or both, also for one wave: Kobo's ids begin with K.
select
    'limesurvey' as source_id,
    wave_id,
    response_id,
    started_at,
    submitted_at,
    last_page,
    language_code,
    is_complete,
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
    snapshot_id
from {{ ref('stg_kobo__response') }}
