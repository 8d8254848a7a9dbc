{{ config(meta={'rule_id': 'REG-004'}) }}
-- One entry of a register is one company, in the registers and in what companies say of themselves. A company may have
-- several entries (it moved), never the other way round.
with entry as (
    select company_id, court_code, register_type_code, register_number
    from {{ ref('int_company__register_record') }}
    union all
    select company_id, register_court_code, register_type_code, register_number
    from {{ ref('int_company__survey') }}
)

select
    court_code, register_type_code, register_number,
    min(company_id) as company_id, max(company_id) as other_company_id
from entry
where court_code is not null and register_type_code is not null and register_number is not null
group by court_code, register_type_code, register_number
having count(distinct company_id) > 1
