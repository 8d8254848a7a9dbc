-- Grain: one row per wave and respondent at work in the region whose headcount is known.
-- Why: who stands behind a share of official employment. Section C is one table, every other division one of its own:
-- official figures for all industries together are those of section C. Build file and vault only.
select
    profile.wave_id,
    case when industry.wz_code is not null then 'coverage:C' else 'coverage:' || profile.wz2_code end as driver_code,
    profile.company_id,
    profile.kreis_ags,
    profile.wz2_code,
    'TOTAL' as headcount_band_code,
    profile.headcount_band_code as size_band_code,
    cast(profile.headcount as double) as dependency_score
from {{ ref('int_survey__profile') }} as profile
left join {{ ref('dim_industry_wz') }} as industry
    on profile.wz2_code = industry.wz_code
    and industry.wz_revision = 'WZ2008' and industry.wz_level = 2 and industry.parent_wz_code = 'C'
where profile.is_in_region and profile.headcount > 0
