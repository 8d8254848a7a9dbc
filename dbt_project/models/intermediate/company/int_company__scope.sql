-- Grain: one row per company with any consent in force.
-- Why: the furthest consent in force as one code, for the profile; each step further says more of a company to more people.
with ranked as (
    select
        company_id,
        max(
            case purpose_code
                when 'CONS_NAMED_LINKS' then 5
                when 'CONS_MATCHMAKING' then 4
                when 'CONS_ADVISER' then 3
                when 'CONS_BENCHMARK' then 2
                when 'CONS_STORE' then 1
            end
        ) as scope_rank
    from {{ ref('stg_identity__consent') }}
    where is_granted
    group by company_id
)

select
    company_id,
    case scope_rank
        when 5 then 'named_links' when 4 then 'matchmaking' when 3 then 'adviser' when 2 then 'benchmark' when 1 then 'store'
    end as consent_scope_code
from ranked
where scope_rank is not null
