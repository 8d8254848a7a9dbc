-- Grain: one row per seeker, candidate and kind of match that have something in common.
-- Why: the goods and processes a match can be explained by, and whether the two are rivals: who makes the same goods for
-- the same customers talks to a competitor.
with met as (
    select
        scored.seeker_company_id,
        scored.candidate_company_id,
        scored.match_type_code,
        seeker.fact_code as seeker_fact_code,
        candidate.fact_code as candidate_fact_code,
        candidate.code
    from {{ ref('int_partner__scored') }} as scored
    inner join {{ ref('int_partner__fact') }} as seeker on scored.seeker_company_id = seeker.company_id
    inner join {{ ref('int_partner__fact') }} as candidate
        on scored.candidate_company_id = candidate.company_id and seeker.code = candidate.code
),

judged as (
    select
        met.seeker_company_id,
        met.candidate_company_id,
        met.match_type_code,
        case when side.is_good then met.code end as hs4_code,
        competence.competence_name_de as process_name,
        case when met.seeker_fact_code = met.candidate_fact_code then met.seeker_fact_code end as same_fact_code
    from met
    left join {{ ref('int_partner__side') }} as side
        on
            met.match_type_code = side.match_type_code
            and met.seeker_fact_code = side.seeker_fact_code
            and met.candidate_fact_code = side.candidate_fact_code
    left join {{ ref('stg_region__competence') }} as competence on met.code = competence.competence_id and not side.is_good
)

select
    seeker_company_id,
    candidate_company_id,
    match_type_code,
    {{ dbt.listagg("hs4_code", "','", "order by hs4_code") }} as hs4_codes,
    {{ dbt.listagg("process_name", "', '", "order by process_name") }} as process_names,
    max(case when same_fact_code = 'makes' then 1 else 0 end)
    + max(case when same_fact_code = 'serves' then 1 else 0 end) = 2 as is_rival
from judged
group by seeker_company_id, candidate_company_id, match_type_code
