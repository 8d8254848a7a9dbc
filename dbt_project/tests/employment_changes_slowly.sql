{{ config(severity='warn', meta={'rule_id': 'STA-010', 'needs': 'int_industry__employment_change'}) }}
-- In the newest year no industry of a Kreis changed by more than the gate, where one of the two years has enough people
-- for a percentage to mean something. What shows here is looked up: mostly one large firm was counted elsewhere before.
select *
from {{ ref('int_industry__employment_change') }}
where
    is_newest_year
    and abs(change_pct) > {{ gate('STA-010', 'change_max_pct') }}
    and greatest(employees_count, previous_employees_count) >= {{ gate('STA-010', 'employees_min') }}
