{{ config(severity='warn', meta={'rule_id': 'STA-005', 'needs': 'int_region__sum where secret_count > 0'}) }}
-- Where a part is secret, what the published parts leave over is not below zero, and it fits into the hidden cells:
-- none can hold more than a share of all there is in its region. The upper side is only judged where every part is known.
select *
from {{ ref('int_region__sum') }}
where
    secret_count > 0
    and (
        rest < -{{ gate('STA-004', 'rounding_tolerance') }}
        or (
            is_complete
            and rest - {{ gate('STA-004', 'rounding_tolerance') }}
            > {{ gate('STA-005', 'secret_cell_max_pct') }} / 100 * secret_capacity
        )
    )
