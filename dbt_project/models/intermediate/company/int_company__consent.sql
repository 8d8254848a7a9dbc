-- Grain: one row per company with any consent on record.
-- Why: the purposes models rely on as flags, so that a model joins once and says by name which consent it relies on.
select
    company_id,
    max(case when purpose_code = 'CONS_STORE' and is_granted then 1 else 0 end) = 1 as may_store,
    max(case when purpose_code = 'CONS_BENCHMARK' and is_granted then 1 else 0 end) = 1 as may_benchmark,
    max(case when purpose_code = 'CONS_MATCHMAKING' and is_granted then 1 else 0 end) = 1 as may_match,
    max(case when purpose_code = 'CONS_NAMED_LINKS' and is_granted then 1 else 0 end) = 1 as may_name_links
from {{ ref('stg_identity__consent') }}
group by company_id
