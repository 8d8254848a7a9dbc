-- Grain: one row per seeker, candidate and kind of match.
-- Why: how far apart the two are, who of them looks for this kind of partner, and the reason in words. The distance is a great
-- circle times 1.3: no road was asked.
with pair as (
    select
        scored.*,
        common.hs4_codes,
        common.process_names,
        coalesce(common.is_rival, false) as is_rival,
        1.3 * 6371.0 * 2 * asin(
            sqrt(
                power(sin(radians(candidate.latitude - seeker.latitude) / 2), 2)
                + cos(radians(seeker.latitude)) * cos(radians(candidate.latitude))
                * power(sin(radians(candidate.longitude - seeker.longitude) / 2), 2)
            )
        ) as distance_km,
        case scored.match_type_code
            when 'supplier' then seeker.seeks_supplier
            when 'customer' then seeker.seeks_customer
            when 'co_development' then seeker.seeks_co_development
        end as is_sought,
        -- Whoever looks for customers offers itself as a supplier.
        case scored.match_type_code
            when 'supplier' then candidate.seeks_customer
            when 'customer' then candidate.seeks_supplier
            when 'co_development' then candidate.seeks_co_development
        end as is_offered
    from {{ ref('int_partner__scored') }} as scored
    inner join {{ ref('int_partner__company') }} as seeker on scored.seeker_company_id = seeker.company_id
    inner join {{ ref('int_partner__company') }} as candidate on scored.candidate_company_id = candidate.company_id
    left join {{ ref('int_partner__common') }} as common
        on
            scored.seeker_company_id = common.seeker_company_id
            and scored.candidate_company_id = common.candidate_company_id
            and scored.match_type_code = common.match_type_code
),

worded as (
    select
        pair.*,
        case match_type_code
            when 'supplier' then 'Lieferant'
            when 'customer' then 'Kunde'
            when 'co_development' then 'Entwicklung'
            else 'Kapazität'
        end as kind_de,
        case match_type_code
            when 'supplier' then 'stellt her, was gebraucht wird: HS '
            when 'customer' then 'kauft, was hergestellt wird: HS '
            else 'gemeinsame Waren: HS '
        end || replace(hs4_codes, ',', ', ') as goods_de,
        case match_type_code
            when 'supplier' then 'beherrscht, was zugekauft wird: '
            when 'customer' then 'kauft zu, was hier beherrscht wird: '
            else 'gemeinsame Verfahren: '
        end || process_names as processes_de,
        case match_type_code
            when 'supplier' then 'stellt Waren her, die im Welthandel dem Bedarf nahe liegen'
            when 'customer' then 'kauft Waren, die im Welthandel den eigenen nahe liegen'
            else 'verwandtes Sortiment'
        end as otherwise_de
    from pair
)

select
    seeker_company_id,
    candidate_company_id,
    match_type_code,
    match_score,
    competence_overlap,
    competence_complement,
    distance_km,
    hs4_codes,
    is_rival,
    case
        when is_sought and is_offered then 'both' when is_sought then 'seeker' when is_offered then 'candidate' else 'none'
    end as opt_in_code,
    kind_de || ': '
    || coalesce(goods_de || '; ' || processes_de, goods_de, processes_de, otherwise_de)
    || case when match_type_code = 'co_development' then '; nicht dieselben Abnehmerbranchen' else '' end
    || case
        when distance_km is null then '; Entfernung nicht bekannt.'
        else '; etwa ' || cast(cast(round(distance_km) as integer) as varchar) || ' km (Luftlinie mal 1,3).'
    end as reason_de
from worded
