{{ config(meta={'rule_id': 'IDN-001'}) }}
-- A version ends at the moment the next begins: no gap, no overlap, and the last one is open.
with versions as (
    select
        company_id, valid_from, valid_to, is_current,
        lead(valid_from) over (partition by company_id order by valid_from) as next_valid_from
    from {{ ref('dim_company') }}
)

select *
from versions
where
    valid_to <> coalesce(next_valid_from, timestamp '9999-12-31 00:00:00')
    or is_current <> (next_valid_from is null)
