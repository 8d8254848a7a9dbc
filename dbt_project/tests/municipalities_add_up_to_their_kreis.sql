{{ config(meta={
    'rule_id': 'STA-004',
    'needs': "int_region__sum where sum_kind_code = 'regions' and region_level_code = 'district' and is_complete",
}) }}
-- Where a table gives a Kreis and a number for each of its municipalities, they add up to it.
select *
from {{ ref('int_region__sum') }}
where
    sum_kind_code = 'regions' and region_level_code = 'district'
    and is_complete and secret_count = 0
    and abs(rest) > {{ gate('STA-004', 'rounding_tolerance') }}
