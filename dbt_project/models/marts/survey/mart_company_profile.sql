-- Grain: one row per surveyed company and profile date, the day of the run.
-- Why: what the newest wave and the registers say of a company on one line, for the adviser who prepares a visit; analysts
-- get the same companies in bands.
with run_fact as (
    select cast(max(started_at) as date) as as_of_date
    from {{ ref('stg_meta__run') }}
),

made as (
    select company_id, {{ dbt.listagg('hs4_code', "','", 'order by product_share_pct desc nulls last, hs4_code') }} as codes
    from {{ ref('int_company__product') }}
    group by company_id
),

-- What a company does itself, its core first; what it buys or plans is no competence of its own.
mastered as (
    select
        competence.company_id,
        {{ dbt.listagg(
            "case when competence.competence_group_code = 'process' then competence.competence_id end", "','",
            "order by case competence.level_code when 'own_core' then 1 when 'own' then 2 else 3 end, competence.competence_id"
        ) }} as competence_ids,
        {{ dbt.listagg(
            "case when competence.competence_group_code = 'certification' then competence.competence_id end", "','",
            "order by competence.competence_id"
        ) }} as certification_codes
    from {{ ref('int_company__competence') }} as competence
    inner join {{ ref('int_company__survey') }} as company
        on competence.company_id = company.company_id and competence.wave_id = company.last_wave_id
    where coalesce(competence.level_code, 'own') in ('own_core', 'own')
    group by competence.company_id
),

profiled as (
    select
        company.company_id,
        run_fact.as_of_date,
        dimension.kreis_ags,
        dimension.ags,
        place.region_name as municipality_name,
        coalesce(place.ihk_code, kreis.ihk_code) as ihk_code,
        dimension.wz2008_code,
        dimension.wz2025_code,
        company.headcount,
        dimension.headcount_band_code,
        dimension.sme_class_code,
        company.turnover_band_code,
        answer.export_share_pct,
        scalar.automotive_share_pct,
        scalar.top_customer_share_pct,
        scalar.energy_cost_share_pct,
        made.codes as main_hs4_codes,
        mastered.competence_ids as main_competence_ids,
        mastered.certification_codes,
        scalar.open_positions_count,
        answer.innovation_rank,
        dimension.register_status_code,
        -- Ten core facts: place, industry, size (two), what it makes, how, and the four shares dependencies hang on.
        10.0 * (
            case when dimension.ags is not null then 1 else 0 end
            + case when dimension.wz2008_code is not null then 1 else 0 end
            + case when company.headcount is not null then 1 else 0 end
            + case when company.turnover_band_code is not null then 1 else 0 end
            + coalesce(answer.has_product, 0)
            + coalesce(answer.has_process, 0)
            + case when answer.export_share_pct is not null then 1 else 0 end
            + case when scalar.automotive_share_pct is not null then 1 else 0 end
            + case when scalar.top_customer_share_pct is not null then 1 else 0 end
            + case when scalar.energy_cost_share_pct is not null then 1 else 0 end
        ) as profile_completeness_pct,
        company.last_wave_id,
        scope.consent_scope_code
    from {{ ref('int_company__survey') }} as company
    cross join run_fact
    inner join {{ ref('dim_company') }} as dimension on company.company_id = dimension.company_id and dimension.is_current
    inner join {{ ref('int_survey__scalar') }} as scalar
        on company.company_id = scalar.company_id and company.last_wave_id = scalar.wave_id
    left join {{ ref('int_company__answer') }} as answer on company.company_id = answer.company_id
    left join {{ ref('int_company__scope') }} as scope on company.company_id = scope.company_id
    left join {{ ref('stg_region__unit') }} as place
        on dimension.ags = place.ags and place.region_level_code = 'municipality'
    left join {{ ref('stg_region__unit') }} as kreis
        on dimension.kreis_ags = kreis.ags and kreis.region_level_code = 'district'
    left join made on company.company_id = made.company_id
    left join mastered on company.company_id = mastered.company_id
)

select
    cast(company_id as varchar) as company_id,
    cast(as_of_date as date) as as_of_date,
    cast(kreis_ags as varchar) as kreis_ags,
    cast(ags as varchar) as ags,
    cast(municipality_name as varchar) as municipality_name,
    cast(ihk_code as varchar) as ihk_code,
    cast(wz2008_code as varchar) as wz2008_code,
    cast(wz2025_code as varchar) as wz2025_code,
    cast(round(headcount) as integer) as headcount,
    cast(headcount_band_code as varchar) as headcount_band_code,
    cast(sme_class_code as varchar) as sme_class_code,
    cast(turnover_band_code as varchar) as turnover_band_code,
    cast(export_share_pct as double) as export_share_pct,
    cast(automotive_share_pct as double) as automotive_revenue_share_pct,
    cast(top_customer_share_pct as double) as top_customer_share_pct,
    cast(energy_cost_share_pct as double) as energy_cost_share_pct,
    cast(main_hs4_codes as varchar) as main_hs4_codes,
    cast(main_competence_ids as varchar) as main_competence_ids,
    cast(certification_codes as varchar) as certification_codes,
    cast(round(open_positions_count) as integer) as open_positions_count,
    cast(
        case innovation_rank
            when 5 then 'launched' when 4 then 'pilot' when 3 then 'prototype' when 2 then 'concept' when 1 then 'idea'
            when 0 then 'stopped'
        end as varchar
    ) as innovation_stage_code,
    -- Who attended which measure is not delivered yet.
    cast(null as integer) as participation_count,
    cast(register_status_code as varchar) as register_status_code,
    cast(profile_completeness_pct as double) as profile_completeness_pct,
    cast(last_wave_id as varchar) as last_survey_wave_id,
    cast(consent_scope_code as varchar) as consent_scope_code
from profiled
