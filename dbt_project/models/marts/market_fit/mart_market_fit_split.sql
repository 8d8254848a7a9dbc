-- Grain: one market-fit score and one of its components.
-- Why: the additive split of a score: what each component could give, what it gives, and that it adds up exactly.
select
    cast(company_id as varchar) as company_id,
    cast(target_market_id as varchar) as target_market_id,
    cast(score_version as varchar) as score_version,
    cast(component_code as varchar) as component_code,
    cast(component_score as double) as component_score,
    cast(weight_share as double) as weight_share,
    cast(max_points as double) as max_points,
    cast(points as double) as points
from {{ ref('int_market_fit__split') }}
