-- Grain: one row per surveyed company (consent to storage in force).
-- Why: what the newest wave says of a company, with its register number read from what was typed: only a court of
-- the region's list and a plain number count, so that a damaged entry ('1,2E+05', '12 345') gives none; nor does a LEI
-- whose check digits do not fit.
with newest as (
    select *
    from (
        select
            profile.*,
            row_number() over (
                partition by profile.company_id
                order by profile.wave_id desc, profile.answered_at desc nulls last
            ) as wave_rank,
            min(profile.answered_at) over (partition by profile.company_id) as first_answered_at
        from {{ ref('int_survey__profile') }} as profile
    ) as ordered
    where wave_rank = 1
),

court as (
    select distinct court_code, lower(replace(court_name, 'Amtsgericht ', '')) as court_key
    from {{ ref('stg_region__court') }}
),

typed as (
    select
        newest.*,
        scalar.legal_name,
        scalar.legal_form_code,
        upper(scalar.lei) as lei,
        scalar.register_type_code,
        trim(replace(replace(lower(scalar.register_court_text), 'amtsgericht ', ''), 'ag ', '')) as court_key,
        {{ register_number('scalar.register_number_text') }} as register_number
    from newest
    inner join {{ ref('int_survey__scalar') }} as scalar
        on newest.wave_id = scalar.wave_id and newest.company_id = scalar.company_id
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
