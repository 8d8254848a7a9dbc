{{ config(meta={'rule_id': 'REG-006', 'needs': 'dim_company where lei is not null'}) }}
-- Every LEI a company is published with is one by ISO 17442, whichever source it came from.
select company_id, lei
from {{ ref('dim_company') }}
where lei is not null and not {{ lei_is_valid('lei') }}
