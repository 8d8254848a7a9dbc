{{ config(meta={'rule_id': 'MRT-004'}) }}
-- A score recomputed from the components published beside it and the shares of the weights: the weighted geometric mean of
-- capability and demand with both weights, the rest arithmetic. Written here a second time, and not called, on purpose.
with wide as (
    select
        company_id, target_market_id, score_version,
        max(case when component_code = 'capability' then weight_share end) as w_capability,
        max(case when component_code = 'demand' then weight_share end) as w_demand,
        max(case when component_code = 'access' then weight_share end) as w_access,
        max(case when component_code = 'resilience' then weight_share end) as w_resilience,
        max(case when component_code = 'diversification' then weight_share end) as w_diversification
    from {{ ref('mart_market_fit_split') }}
    group by company_id, target_market_id, score_version
),

again as (
    select
        s.company_id, s.target_market_id, s.score_version, s.fit_score,
        (coalesce(w.w_capability, 0) + coalesce(w.w_demand, 0)) * case
            when s.capability_score = 0 or s.demand_score = 0 then 0
            else exp(
                (coalesce(w.w_capability * ln(s.capability_score), 0) + coalesce(w.w_demand * ln(s.demand_score), 0))
                / nullif(coalesce(w.w_capability, 0) + coalesce(w.w_demand, 0), 0)
            )
        end
        + coalesce(w.w_access * s.access_score, 0)
        + coalesce(w.w_resilience * s.resilience_score, 0)
        + coalesce(w.w_diversification * s.diversification_score, 0) as recomputed
    from {{ ref('mart_market_fit') }} as s
    inner join wide as w
        on s.company_id = w.company_id and s.target_market_id = w.target_market_id and s.score_version = w.score_version
)

select *
from again
where recomputed is null or abs(recomputed - fit_score) > 0.01
