-- Grain: one row per company, driver and wave.
-- Why: how far each surveyed company hangs on each driver, on fixed curves, so that waves can be compared.
-- Every weight is 1 while no frame list is loaded, and nothing is imputed; both columns say so.
select
    cast(scored.company_id as varchar) as company_id,
    cast(scored.driver_code as varchar) as driver_code,
    cast(scored.wave_id as varchar) as wave_id,
    cast(profile.kreis_ags as varchar) as kreis_ags,
    cast(profile.wz2_code as varchar) as wz2_code,
    cast(profile.headcount_band_code as varchar) as headcount_band_code,
    cast(scored.indicator_value as double) as indicator_value,
    cast(scored.unit_code as varchar) as unit_code,
    cast(scored.dependency_score as double) as dependency_score,
    cast(scored.score_version as varchar) as score_version,
    cast(profile.survey_weight as double) as survey_weight,
    cast(null as double) as change_vs_previous_wave,
    cast(false as boolean) as is_imputed
from {{ ref('int_survey__dependency_scored') }} as scored
inner join {{ ref('int_survey__profile') }} as profile
    on scored.wave_id = profile.wave_id and scored.company_id = profile.company_id
