-- Grain: one row per decision of the vault's ledger that ties two ids to one company, tells them apart or orders them.
-- Why: every merge that no exact key explains must have its dated row; the evidence stays in the vault.
select
    cast(decision_id as varchar) as decision_id,
    cast(action_code as varchar) as action_code,
    cast(company_id as varchar) as company_id,
    cast(other_company_id as varchar) as other_company_id,
    cast(left_id as varchar) as left_id,
    cast(right_id as varchar) as right_id,
    cast(method_code as varchar) as method_code,
    cast(probability as double) as probability,
    cast(decided_on as date) as decided_on,
    cast(effective_on as date) as effective_on,
    cast(is_in_force as boolean) as is_in_force
from {{ source('identity', 'decision') }}
