-- Grain: one row per surveyed company (consent to storage in force).
-- Why: what a company last said of itself, each group of answers from the newest response that gives it
-- (int_survey__newest), with its register number read from what was typed: only a court of the region's list and a plain
-- number count, so that a damaged entry ('1,2E+05', '12 345') gives none; nor does a LEI whose check digits do not fit.
with wave_ranked as (
    select
        profile.company_id,
        profile.wave_id,
        row_number() over (
            partition by profile.company_id
            order by
                case when wave.wave_kind_code = 'pulse' then 1 else 0 end,
                coalesce(wave.wave_order, 0) desc,
                profile.wave_id desc
        ) as wave_rank,
        min(profile.answered_at) over (partition by profile.company_id) as first_answered_at,
        max(case when profile.is_synthetic then 1 else 0 end) over (partition by profile.company_id) = 1 as is_synthetic
    from {{ ref('int_survey__profile') }} as profile
    left join {{ ref('stg_region__survey_wave') }} as wave on profile.wave_id = wave.wave_id
),

said as (
    select
        newest.company_id,
        max(case when newest.group_code = 'name' then scalar.legal_name end) as legal_name,
        max(case when newest.group_code = 'form' then scalar.legal_form_code end) as legal_form_code,
        max(case when newest.group_code = 'lei' then upper(scalar.lei) end) as lei,
        max(case when newest.group_code = 'register' then scalar.register_type_code end) as register_type_code,
        max(case when newest.group_code = 'register' then scalar.register_court_text end) as register_court_text,
        max(case when newest.group_code = 'register' then scalar.register_number_text end) as register_number_text,
        max(case when newest.group_code = 'place' then profile.ags end) as ags,
        max(case when newest.group_code = 'place' then profile.kreis_ags end) as kreis_ags,
        max(case when newest.group_code = 'place' and profile.is_in_region then 1 else 0 end) = 1 as is_in_region,
        max(case when newest.group_code = 'activity' then profile.wz2008_code end) as wz2008_code,
        max(case when newest.group_code = 'size' then profile.headcount end) as headcount,
        max(case when newest.group_code = 'size' then profile.headcount_band_code end) as headcount_band_code,
        max(case when newest.group_code = 'size' then profile.turnover_band_code end) as turnover_band_code,
        max(case when newest.group_code = 'size' then profile.sme_class_code end) as sme_class_code
    from {{ ref('int_survey__newest') }} as newest
    inner join {{ ref('int_survey__profile') }} as profile
        on newest.wave_id = profile.wave_id and newest.company_id = profile.company_id
    inner join {{ ref('int_survey__scalar') }} as scalar
        on newest.wave_id = scalar.wave_id and newest.company_id = scalar.company_id
    group by newest.company_id
),

court as (
    select distinct court_code, lower(replace(court_name, 'Amtsgericht ', '')) as court_key
    from {{ ref('stg_region__court') }}
),

typed as (
    select
        wave_ranked.company_id,
        wave_ranked.wave_id,
        wave_ranked.first_answered_at,
        wave_ranked.is_synthetic,
        said.legal_name,
        said.legal_form_code,
        said.lei,
        said.register_type_code,
        said.ags,
        coalesce(said.kreis_ags, 'unknown') as kreis_ags,
        coalesce(said.is_in_region, false) as is_in_region,
        said.wz2008_code,
        said.headcount,
        coalesce(said.headcount_band_code, 'unknown') as headcount_band_code,
        said.turnover_band_code,
        coalesce(said.sme_class_code, 'unknown') as sme_class_code,
        trim(replace(replace(lower(said.register_court_text), 'amtsgericht ', ''), 'ag ', '')) as court_key,
        {{ register_number('said.register_number_text') }} as register_number
    from wave_ranked
    left join said on wave_ranked.company_id = said.company_id
    where wave_ranked.wave_rank = 1
)

select
    typed.company_id,
    typed.wave_id as last_wave_id,
    typed.legal_name as company_name,
    typed.legal_form_code,
    case when {{ lei_is_valid("typed.lei") }} then typed.lei end as lei,
    coalesce(by_code.court_code, by_name.court_code) as register_court_code,
    case when typed.register_type_code in ('HRA', 'HRB', 'GnR', 'PR', 'GsR', 'VR') then typed.register_type_code end
        as register_type_code,
    typed.register_number,
    typed.ags,
    typed.kreis_ags,
    typed.is_in_region,
    typed.wz2008_code,
    typed.headcount,
    typed.headcount_band_code,
    typed.turnover_band_code,
    typed.sme_class_code,
    typed.first_answered_at,
    typed.is_synthetic
from typed
left join (select distinct court_code from court) as by_code on upper(typed.court_key) = by_code.court_code
left join court as by_name on typed.court_key = by_name.court_key
