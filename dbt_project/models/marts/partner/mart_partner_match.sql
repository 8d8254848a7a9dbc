-- Grain: one row per seeker, candidate and kind of match.
-- Why: who of the region could supply, buy, develop or share capacity with whom. Both have agreed to be matched; whoever
-- withdraws that is in no row after the next build. The distance is a great circle times 1.3, no road was asked.
with pair as (
    select
        scored.*,
        seeker.latitude as seeker_latitude,
        seeker.longitude as seeker_longitude,
        candidate.latitude as candidate_latitude,
        candidate.longitude as candidate_longitude,
        case scored.match_type_code
            when 'supplier' then seeker.seeks_supplier
            when 'customer' then seeker.seeks_customer
            when 'co_development' then seeker.seeks_co_development
        end as is_sought,
        case scored.match_type_code
            when 'supplier' then candidate.seeks_customer
            when 'customer' then candidate.seeks_supplier
            when 'co_development' then candidate.seeks_co_development
        end as is_offered
    from {{ ref('int_partner__scored') }} as scored
    inner join {{ ref('int_partner__company') }} as seeker on scored.seeker_company_id = seeker.company_id
    inner join {{ ref('int_partner__company') }} as candidate on scored.candidate_company_id = candidate.company_id
),

-- What the two have to do with each other: the fact of the seeker, that of the candidate, and for which kinds it counts.
side as (
    select 'supplier' as match_type_code, 'buys' as seeker_fact, 'makes' as candidate_fact
    union all
    select 'customer' as match_type_code, 'makes' as seeker_fact, 'buys' as candidate_fact
    union all
    select 'co_development' as match_type_code, 'makes' as seeker_fact, 'makes' as candidate_fact
    union all
    select 'capacity_sharing' as match_type_code, 'makes' as seeker_fact, 'makes' as candidate_fact
    union all
    select 'supplier' as match_type_code, 'outsources' as seeker_fact, 'masters' as candidate_fact
    union all
    select 'customer' as match_type_code, 'masters' as seeker_fact, 'outsources' as candidate_fact
    union all
    select 'co_development' as match_type_code, 'masters' as seeker_fact, 'masters' as candidate_fact
    union all
    select 'capacity_sharing' as match_type_code, 'masters' as seeker_fact, 'masters' as candidate_fact
),

shared as (
    select
        pair.seeker_company_id,
        pair.candidate_company_id,
        pair.match_type_code,
        {{ dbt.listagg("case when side.seeker_fact in ('makes', 'buys') then his.code end", "','", "order by his.code") }}
            as hs4_codes,
        {{ dbt.listagg("competence.competence_name_de", "', '", "order by competence.competence_name_de") }} as skill_names
    from pair
    inner join side on pair.match_type_code = side.match_type_code
    inner join {{ ref('int_partner__fact') }} as hers
        on pair.seeker_company_id = hers.company_id and side.seeker_fact = hers.fact_code
    inner join {{ ref('int_partner__fact') }} as his
        on
            pair.candidate_company_id = his.company_id
            and side.candidate_fact = his.fact_code
            and hers.code = his.code
    left join {{ ref('dim_competence') }} as competence
        on his.code = competence.competence_id and side.seeker_fact in ('masters', 'outsources')
    group by pair.seeker_company_id, pair.candidate_company_id, pair.match_type_code
),

-- The same goods for the same customers: who meets there talks to a competitor.
rival as (
    select pair.seeker_company_id, pair.candidate_company_id, pair.match_type_code
    from pair
    inner join {{ ref('int_partner__fact') }} as hers on pair.seeker_company_id = hers.company_id
    inner join {{ ref('int_partner__fact') }} as his
        on
            pair.candidate_company_id = his.company_id
            and hers.fact_code = his.fact_code
            and hers.code = his.code
    where hers.fact_code in ('makes', 'serves')
    group by pair.seeker_company_id, pair.candidate_company_id, pair.match_type_code
    having count(distinct hers.fact_code) = 2
),

told as (
    select
        pair.*,
        1.3 * 6371.0 * 2 * asin(
            sqrt(
                power(sin(radians(pair.candidate_latitude - pair.seeker_latitude) / 2), 2)
                + cos(radians(pair.seeker_latitude)) * cos(radians(pair.candidate_latitude))
                * power(sin(radians(pair.candidate_longitude - pair.seeker_longitude) / 2), 2)
            )
        ) as distance_km,
        shared.hs4_codes,
        shared.skill_names,
        rival.seeker_company_id is not null as is_rival
    from pair
    left join shared
        on
            pair.seeker_company_id = shared.seeker_company_id
            and pair.candidate_company_id = shared.candidate_company_id
            and pair.match_type_code = shared.match_type_code
    left join rival
        on
            pair.seeker_company_id = rival.seeker_company_id
            and pair.candidate_company_id = rival.candidate_company_id
            and pair.match_type_code = rival.match_type_code
)

select
    cast(seeker_company_id as varchar) as seeker_company_id,
    cast(candidate_company_id as varchar) as candidate_company_id,
    cast(match_type_code as varchar) as match_type_code,
    cast('{{ var("partner_match_version") }}' as varchar) as score_version,
    cast(match_score as double) as match_score,
    cast(competence_overlap as double) as competence_overlap,
    cast(competence_complement as double) as competence_complement,
    cast(distance_km as double) as road_distance_km,
    cast(hs4_codes as varchar) as shared_hs4_codes,
    cast(is_rival as boolean) as is_competitor_risk,
    cast(
        case
            when is_sought and is_offered then 'both' when is_sought then 'seeker' when is_offered then 'candidate' else 'none'
        end as varchar
    ) as double_opt_in_status_code,
    cast(
        case match_type_code
            when 'supplier' then 'Lieferant: ' when 'customer' then 'Kunde: ' when 'co_development' then 'Entwicklung: '
            else 'Kapazität: '
        end
        || case
            when match_type_code = 'supplier' and hs4_codes is null and skill_names is null
                then 'stellt Waren her, die im Welthandel dem Bedarf nahe liegen'
            when match_type_code = 'customer' and hs4_codes is null and skill_names is null
                then 'kauft Waren, die im Welthandel den eigenen nahe liegen'
            when match_type_code = 'supplier'
                then coalesce('stellt her, was gebraucht wird: HS ' || replace(hs4_codes, ',', ', '), '')
                    || case when hs4_codes is not null and skill_names is not null then '; ' else '' end
                    || coalesce('beherrscht, was zugekauft wird: ' || skill_names, '')
            when match_type_code = 'customer'
                then coalesce('kauft, was hergestellt wird: HS ' || replace(hs4_codes, ',', ', '), '')
                    || case when hs4_codes is not null and skill_names is not null then '; ' else '' end
                    || coalesce('kauft zu, was hier beherrscht wird: ' || skill_names, '')
            when match_type_code = 'co_development'
                then 'verwandtes Sortiment bei anderen Abnehmerbranchen' || coalesce('; gemeinsame Verfahren: ' || skill_names, '')
            else coalesce('gleiche Verfahren: ' || skill_names, 'ähnliche Verfahren')
        end
        || case
            when distance_km is null then '; Entfernung nicht bekannt.'
            else '; etwa ' || cast(cast(round(distance_km) as integer) as varchar) || ' km (Luftlinie mal 1,3).'
        end as varchar
    ) as reason_1_de
from told
