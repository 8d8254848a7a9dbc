{{ config(meta={'rule_id': 'MRT-005'}) }}
-- The number of pieces of evidence a score states is the number of rows that can be opened.
select s.company_id, s.target_market_id, s.score_version, s.evidence_count, e.row_count
from {{ ref('mart_market_fit') }} as s
left join (
    select company_id, target_market_id, score_version, count(*) as row_count
    from {{ ref('mart_market_fit_evidence') }}
    group by company_id, target_market_id, score_version
) as e
    on s.company_id = e.company_id and s.target_market_id = e.target_market_id and s.score_version = e.score_version
where s.evidence_count <> coalesce(e.row_count, 0) or coalesce(e.row_count, 0) < 1
