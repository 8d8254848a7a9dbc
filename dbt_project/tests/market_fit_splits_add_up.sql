{{ config(meta={'rule_id': 'MRT-004'}) }}
-- The points of the components add up to the score they split, and every score has its split.
select s.company_id, s.target_market_id, s.score_version, s.fit_score, p.points
from {{ ref('mart_market_fit') }} as s
left join (
    select company_id, target_market_id, score_version, sum(points) as points
    from {{ ref('mart_market_fit_split') }}
    group by company_id, target_market_id, score_version
) as p
    on s.company_id = p.company_id and s.target_market_id = p.target_market_id and s.score_version = p.score_version
where p.points is null or abs(s.fit_score - p.points) > 0.000001
