-- Grain: one row per wave, driver and company whose answer may be counted in public.
-- Why: who stands behind every figure of the dependency cube. Only companies that agreed to benchmarks; build file and
-- vault only.
select
    scored.wave_id,
    scored.driver_code,
    scored.company_id,
    profile.kreis_ags,
    profile.wz2_code,
    profile.headcount_band_code,
    cast(coalesce(profile.headcount, 0) as double) as headcount,
    profile.survey_weight,
    cast(scored.dependency_score as double) as dependency_score
from {{ ref('int_survey__dependency_scored') }} as scored
inner join {{ ref('int_survey__profile') }} as profile
    on scored.wave_id = profile.wave_id and scored.company_id = profile.company_id
inner join {{ ref('int_company__consent') }} as consent
    on scored.company_id = consent.company_id and consent.may_store and consent.may_benchmark
