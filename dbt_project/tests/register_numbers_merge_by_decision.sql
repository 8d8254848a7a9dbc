{{ config(meta={'rule_id': 'IDN-004'}) }}
-- Two current register numbers are two companies, unless somebody decided otherwise: then the ledger has a row.
with entry as (
    select company_id, count(distinct court_code || '.' || register_type_code || register_number) as entry_count
    from {{ ref('int_company__register_record') }}
    where court_code is not null and register_number is not null and register_status_code <> 'removed'
    group by company_id
    having count(distinct court_code || '.' || register_type_code || register_number) > 1
),

merged as (
    select distinct company_id
    from {{ ref('stg_identity__decision') }}
    where action_code = 'same' and is_in_force and method_code = 'person'
)

select entry.company_id, entry.entry_count
from entry
left join merged on entry.company_id = merged.company_id
where merged.company_id is null
