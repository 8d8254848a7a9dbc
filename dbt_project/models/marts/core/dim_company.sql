-- Grain: one row per company version, one of them current.
-- Why: the companies every company mart speaks of: the surveyed ones (consent to storage in force) and those the open
-- registers place in the region. The survey beats the registers for name, form and size, the registers for the number.
-- A company that withdrew its consent is left out altogether, register entry included (SRV-019). An earlier version holds
-- the place, industry, size and name the company gave then; identifiers last, the register's standing is that of today.
with known as (
    select company_id from {{ ref('int_company__survey') }}
    union
    select register.company_id
    from {{ ref('int_company__register') }} as register
    left join {{ ref('int_company__withdrawn') }} as withdrawn on register.company_id = withdrawn.company_id
    where register.is_in_region and withdrawn.company_id is null
),

run_fact as (
    select
        max(started_at) as started_at,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from {{ ref('stg_meta__run') }}
),

joined as (
    select
        known.company_id,
        coalesce(survey.company_name, register.company_name) as company_name,
        lower(coalesce(survey.company_name, register.company_name)) as name_key,
        coalesce(register.lei, survey.lei) as lei,
        -- A number is taken whole from one source: court, type and number belong together.
        case when register.register_number is null then survey.register_court_code else register.register_court_code end
            as register_court_code,
        case when register.register_number is null then survey.register_type_code else register.register_type_code end
            as register_type_code,
        coalesce(register.register_number, survey.register_number) as register_number,
        survey.legal_form_code,
        lei_form.legal_form_code as lei_form_code,
        coalesce(survey.ags, register.ags) as ags,
        coalesce(
            case when survey.kreis_ags not in ('unknown', 'outside') then survey.kreis_ags end,
            case when survey.company_id is null or survey.ags is null then register.kreis_ags end
        ) as kreis_ags,
        survey.wz2008_code,
        survey.sme_class_code,
        survey.headcount_band_code,
        register.register_status_code,
        coalesce(survey.is_in_region, false) or coalesce(register.is_in_region, false) as is_in_region,
        coalesce(survey.is_synthetic, register.is_synthetic, run_fact.is_synthetic, false) as is_synthetic,
        coalesce(
            case
                when survey.first_answered_at is null then register.first_known_at
                when register.first_known_at is null then survey.first_answered_at
                else least(survey.first_answered_at, register.first_known_at)
            end,
            run_fact.started_at
        ) as valid_from
    from known
    left join {{ ref('int_company__survey') }} as survey on known.company_id = survey.company_id
    left join {{ ref('int_company__register') }} as register on known.company_id = register.company_id
    left join {{ ref('int_company__lei_form') }} as lei_form on coalesce(register.lei, survey.lei) = lei_form.lei
    cross join run_fact
),

-- Earlier versions carry what was said then; the current one what is known now.
versioned as (
    select
        joined.company_id,
        case when version.is_last is false then coalesce(version.company_name, joined.company_name) else joined.company_name end
            as company_name,
        case when version.is_last is false then lower(coalesce(version.company_name, joined.company_name)) else joined.name_key end
            as name_key,
        joined.lei,
        joined.register_court_code,
        joined.register_type_code,
        joined.register_number,
        case when version.is_last is false then version.legal_form_code else joined.legal_form_code end as legal_form_code,
        joined.lei_form_code,
        case when version.is_last is false then version.ags else joined.ags end as ags,
        case
            when version.is_last is false then case when version.kreis_ags <> 'outside' then version.kreis_ags end
            else joined.kreis_ags
        end as kreis_ags,
        case when version.is_last is false then version.wz2008_code else joined.wz2008_code end as wz2008_code,
        case when version.is_last is false then version.sme_class_code else joined.sme_class_code end as sme_class_code,
        case when version.is_last is false then version.headcount_band_code else joined.headcount_band_code end
            as headcount_band_code,
        case when version.is_last is false then 'unknown' else joined.register_status_code end as register_status_code,
        joined.is_in_region,
        joined.is_synthetic,
        case when coalesce(version.version_number, 1) = 1 then joined.valid_from else version.valid_from end as valid_from
    from joined
    left join {{ ref('int_company__version') }} as version on joined.company_id = version.company_id
)

select
    {{ stable_key(["company_id", "cast(valid_from as varchar)"]) }} as company_sk,
    cast(company_id as varchar) as company_id,
    cast(company_name as varchar) as company_name,
    cast(
        case
            when register_court_code is not null and register_type_code is not null and register_number is not null
                then 'DE' || register_court_code || '.' || register_type_code || register_number
        end as varchar
    ) as euid,
    cast(lei as varchar) as lei,
    cast(register_court_code as varchar) as register_court_code,
    cast(register_type_code as varchar) as register_type_code,
    cast(register_number as varchar) as register_number,
    cast(
        coalesce(
            legal_form_code,
            case
                -- Shares and limited liability before the KG in the name; '& Co. OHG' is no KG and no GmbH.
                when name_key like '%kgaa%' or name_key like '%kommanditgesellschaft auf aktien%' then 'OTHER'
                when {{ matches("name_key", ".*(&|[+]| und| u[.]) ?co[. ].*ohg.*") }} then 'OHG'
                when {{ matches("name_key", ".*(&|[+]| und| u[.]) ?co[. ].*kg.*") }} then 'GMBH_CO_KG'
                when name_key like '%haftungsbeschr%' then 'UG'
                when name_key like '%gmbh%' or name_key like '%gesellschaft mit beschr%' then 'GMBH'
                when name_key like '% ag' or name_key like '%aktiengesellschaft%' then 'AG'
                when name_key like '% kg' then 'KG'
                when name_key like '% ohg' then 'OHG'
                when name_key like '% se' then 'SE'
                when name_key like '% eg' then 'EG'
                when name_key like '% e.k.' or name_key like '% e. k.' or name_key like '% e.kfm.' then 'EK'
            end,
            -- Where the name says nothing, the code of the company's LEI record does.
            lei_form_code
        ) as varchar
    ) as legal_form_code,
    cast(ags as varchar) as ags,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(wz2008_code as varchar) as wz2008_code,
    cast(null as varchar) as wz2025_code,
    cast(coalesce(sme_class_code, 'unknown') as varchar) as sme_class_code,
    cast(coalesce(headcount_band_code, 'unknown') as varchar) as headcount_band_code,
    cast(coalesce(register_status_code, 'unknown') as varchar) as register_status_code,
    cast(is_in_region as boolean) as is_in_region,
    cast(is_synthetic as boolean) as is_synthetic,
    cast(valid_from as timestamp) as valid_from,
    cast(
        coalesce(lead(valid_from) over (partition by company_id order by valid_from), timestamp '9999-12-31 00:00:00') as timestamp
    ) as valid_to,
    cast(row_number() over (partition by company_id order by valid_from desc) = 1 as boolean) as is_current
from versioned
