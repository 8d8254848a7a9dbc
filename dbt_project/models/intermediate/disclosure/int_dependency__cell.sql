-- Grain: one row per wave, driver, Kreis, WZ division and size band of the published cube, 'TOTAL' for a sum.
-- Why: the unprotected cells. Driver 'ANY' holds everyone who answered at least one driver: its pattern of hidden cells
-- is laid over every driver, so that two drivers cannot be played off against each other. Build file only.
with respondent as (
    select * from {{ ref('int_dependency__contribution') }}
),

answered as (
    select
        wave_id,
        driver_code,
        company_id,
        kreis_ags,
        wz2_code,
        headcount_band_code,
        headcount,
        survey_weight,
        dependency_score
    from respondent
    union all
    select
        wave_id,
        'ANY',
        company_id,
        kreis_ags,
        wz2_code,
        headcount_band_code,
        headcount,
        survey_weight,
        cast(null as double)
    from respondent
    group by wave_id, company_id, kreis_ags, wz2_code, headcount_band_code, headcount, survey_weight
),

-- The published cube: which of Kreis, division and band are kept and which are summed over.
margin as (
    select false as by_kreis, false as by_wz2, false as by_band
    union all
    select true, false, false
    union all
    select false, true, false
    union all
    select false, false, true
    union all
    select true, false, true
    union all
    select true, true, false
),

limits as (
    select cast({{ setting('high_score_from') }} as double) as high_score_from
),

member as (
    select
        answered.wave_id,
        answered.driver_code,
        case when margin.by_kreis then answered.kreis_ags else 'TOTAL' end as kreis_ags,
        case when margin.by_wz2 then answered.wz2_code else 'TOTAL' end as wz2_code,
        case when margin.by_band then answered.headcount_band_code else 'TOTAL' end as headcount_band_code,
        answered.company_id,
        answered.headcount,
        answered.survey_weight,
        answered.dependency_score,
        limits.high_score_from
    from answered
    cross join margin
    cross join limits
),

ranked as (
    select
        member.*,
        row_number() over (
            partition by wave_id, driver_code, kreis_ags, wz2_code, headcount_band_code
            order by headcount desc, company_id
        ) as size_rank
    from member
)

select
    wave_id,
    driver_code,
    kreis_ags,
    wz2_code,
    headcount_band_code,
    cast(count(*) as integer) as company_count,
    cast(sum(headcount) as double) as headcount,
    {{ safe_divide('sum(survey_weight * dependency_score)', 'sum(survey_weight)') }} as mean_score,
    100 * {{ safe_divide(
        'sum(case when dependency_score >= high_score_from then survey_weight else 0 end)', 'sum(survey_weight)'
    ) }} as share_high_pct,
    {{ safe_divide('sum(case when size_rank = 1 then headcount else 0 end)', 'sum(headcount)') }}
        as max_contribution_share,
    {{ safe_divide('sum(case when size_rank <= 2 then headcount else 0 end)', 'sum(headcount)') }}
        as two_max_contribution_share,
    max(dependency_score) - min(dependency_score) as score_range,
    cast(coalesce(sum(dependency_score), 0) as double) as score_sum,
    cast(sum(case when dependency_score >= high_score_from then 1 else 0 end) as integer) as high_count
from ranked
group by wave_id, driver_code, kreis_ags, wz2_code, headcount_band_code
