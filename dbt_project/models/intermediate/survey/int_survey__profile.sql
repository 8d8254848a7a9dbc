-- Grain: one row per wave and company.
-- Why: place, industry and size of the respondent in the classes every survey table is cut by, decided once. A pulse does
-- not ask for the industry; it is that of the company's newest wave.
with activity as (
    select newest.company_id, scalar.wz2008_text
    from {{ ref('int_survey__newest') }} as newest
    inner join {{ ref('int_survey__scalar') }} as scalar
        on newest.wave_id = scalar.wave_id and newest.company_id = scalar.company_id
    where newest.group_code = 'activity'
),

respondent as (
    select
        answer.*,
        coalesce(
            answer.wz2008_text, case when wave.wave_kind_code = 'pulse' then activity.wz2008_text end
        ) as industry_text
    from {{ ref('int_survey__scalar') }} as answer
    left join activity on answer.company_id = activity.company_id
    left join {{ ref('stg_region__survey_wave') }} as wave on answer.wave_id = wave.wave_id
)

select
    answer.wave_id,
    answer.company_id,
    answer.response_id,
    answer.is_complete,
    answer.answered_at,
    answer.is_synthetic,
    place.postcode,
    place.ags,
    coalesce(place.kreis_ags, case when place.place_method_code = 'outside' then 'outside' else 'unknown' end)
        as kreis_ags,
    coalesce(place.is_in_region, false) as is_in_region,
    place.place_method_code,
    place.is_place_consistent,
    case when {{ matches("answer.industry_text", "[0-9]{2}([.][0-9]{1,2})?([.][0-9])?") }} then answer.industry_text end
        as wz2008_code,
    case
        when {{ matches("answer.industry_text", "[0-9]{2}.*") }} then substr(answer.industry_text, 1, 2)
        else 'unknown'
    end as wz2_code,
    answer.headcount,
    case
        when answer.headcount is null or answer.headcount < 1 then 'unknown'
        when answer.headcount < 10 then '1-9'
        when answer.headcount < 20 then '10-19'
        when answer.headcount < 50 then '20-49'
        when answer.headcount < 250 then '50-249'
        else '250+'
    end as headcount_band_code,
    answer.turnover_band_code,
    -- Recommendation 2003/361/EC without the balance sheet, which nobody asked for: headcount and turnover must both
    -- stay below the ceiling. A member of a group counts with its group; without the group's figures it stays unknown.
    case
        when answer.headcount is null then 'unknown'
        when answer.headcount >= 250 or coalesce(answer.group_headcount_low, 0) >= 250 then 'large'
        when answer.group_member_code = '1' and answer.group_headcount_low is null then 'unknown'
        when coalesce(answer.turnover_low_eur, 0) >= 50000000 then 'large'
        when answer.headcount >= 50 or coalesce(answer.group_headcount_low, 0) >= 50
            or coalesce(answer.turnover_low_eur, 0) >= 10000000 then 'medium'
        when answer.headcount >= 10 or answer.group_member_code = '1'
            or coalesce(answer.turnover_low_eur, 0) >= 2000000 then 'small'
        else 'micro'
    end as sme_class_code,
    -- Without a frame list there is nothing to calibrate to: every respondent counts once.
    cast(1.0 as double) as survey_weight,
    answer.snapshot_id
from respondent as answer
left join {{ ref('int_company__place') }} as place
    on answer.source_id = place.source_id and place.record_id = answer.wave_id || ':' || answer.response_id
