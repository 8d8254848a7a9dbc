-- Grain: one row per seeker, candidate and kind of match.
-- Why: who of the region could supply, buy, develop or share capacity with whom. Both have agreed to be matched; whoever
-- withdraws that is in no row after the next build.
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
    cast(opt_in_code as varchar) as double_opt_in_status_code,
    cast(reason_de as varchar) as reason_1_de
from {{ ref('int_partner__match') }}
