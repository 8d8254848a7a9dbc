-- Grain: one row per company, target market and score version.
-- Why: which product-country markets suit a company, how stable the rank is, what speaks for and against it and what
-- is not known. Only companies with consent to storage in force; their exact answers do not enter the score.
select
    cast(scored.company_id as varchar) as company_id,
    cast(scored.target_market_id as varchar) as target_market_id,
    cast(scored.score_version as varchar) as score_version,
    cast(scored.target_type_code as varchar) as target_type_code,
    cast(scored.target_label_de as varchar) as target_label_de,
    cast(scored.hs6_code as varchar) as hs6_code,
    cast(scored.country_iso2_code as varchar) as country_iso2_code,
    cast(scored.target_wz2008_code as varchar) as target_wz2008_code,
    cast(scored.fit_score as double) as fit_score,
    cast(scored.capability_score as double) as capability_score,
    cast(scored.demand_score as double) as demand_score,
    cast(scored.access_score as double) as access_score,
    cast(scored.resilience_score as double) as resilience_score,
    cast(scored.diversification_score as double) as diversification_score,
    cast(scored.relatedness_density as double) as relatedness_density,
    cast(scored.evidence_count as integer) as evidence_count,
    cast(scored.confidence_code as varchar) as confidence_code,
    cast(scored.reason_1_de as varchar) as reason_1_de,
    cast(scored.reason_2_de as varchar) as reason_2_de,
    cast(scored.counter_reason_de as varchar) as counter_reason_de,
    cast(scored.missing_inputs as varchar) as missing_inputs,
    cast(scored.rank_in_company as integer) as rank_in_company,
    cast(scored.rank_low as integer) as rank_low,
    cast(scored.rank_high as integer) as rank_high,
    cast(run_fact.started_at as timestamp) as scored_at
from {{ ref('int_market_fit__scored') }} as scored
cross join (select max(started_at) as started_at from {{ ref('stg_meta__run') }}) as run_fact
