-- Grain: one row per wave that was delivered.
-- Why: how a wave was answered as a whole: broken off, the same answer down a scale, in no time. Every delivered response
-- counts, also without consent: only numbers leave this model. Somebody trying the questionnaire is no respondent.
with delivered as (
    select
        response.wave_id,
        response.is_complete,
        case
            when response.scale_answer_count > 0 then 100.0 * response.scale_same_count / response.scale_answer_count
        end as same_answer_pct,
        case
            when response.is_complete
                then {{ dbt.datediff('response.started_at', 'response.submitted_at', 'second') }} / 60.0
        end as minutes
    from {{ ref('int_survey__response_delivered') }} as response
    inner join {{ ref('int_meta__snapshot') }} as snapshot
        on response.snapshot_id = snapshot.snapshot_id and snapshot.is_latest_vintage
),

counted as (
    select
        wave_id,
        cast(count(*) as integer) as response_count,
        cast(sum(case when is_complete then 0 else 1 end) as integer) as partial_count,
        cast(count(same_answer_pct) as integer) as scale_response_count,
        cast(
            sum(case when same_answer_pct >= {{ gate('SRV-014', 'same_answer_min_pct') }} then 1 else 0 end) as integer
        ) as straight_line_count,
        cast(sum(case when minutes < {{ gate('SRV-014', 'minutes_min') }} then 1 else 0 end) as integer) as quick_count
    from delivered
    group by wave_id
)

select
    counted.wave_id,
    counted.response_count,
    counted.partial_count,
    100.0 * counted.partial_count / counted.response_count as partial_pct,
    100.0 * before.partial_count / before.response_count as previous_partial_pct,
    counted.scale_response_count,
    counted.straight_line_count,
    100.0 * {{ safe_divide('counted.straight_line_count', 'counted.scale_response_count') }} as straight_line_pct,
    counted.quick_count
from counted
left join {{ ref('stg_region__survey_wave') }} as wave on counted.wave_id = wave.wave_id
left join counted as before on wave.compare_with_wave_id = before.wave_id
