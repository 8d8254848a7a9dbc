{{ config(meta={'rule_id': 'IDN-006'}) }}
-- The anchor of the whole chain: screws, bolts and nuts (7318, and every code below it) are made by WZ 25.94, in every
-- edition. Empty where no list of CN is loaded.
select scheme_from, code_from, sum(case when code_to = '25.94' then weight else 0 end) as weight
from {{ ref('int_classification__bridge') }}
where substr(code_from, 1, 4) = '7318' and scheme_to = 'WZ2008' and (scheme_from like 'HS%' or scheme_from like 'CN%')
group by scheme_from, code_from
having sum(case when code_to = '25.94' then weight else 0 end) <= 0.5
