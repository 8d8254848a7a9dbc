{{ config(severity='warn', meta={'rule_id': 'TRD-006', 'needs': "int_trade__chapter where period_type_code = 'month'"}) }}
-- A chapter of which much became secret has no detail to work with; its codes shrink without any trade shrinking.
select
    source_id, reporter_code, flow_code, chapter_code, period_start, value as value_eur, secret_value_pct,
    secret_change_points as secret_change_pct
from {{ ref('int_trade__chapter') }}
where
    period_type_code = 'month' and chapter_code <> 'XX'
    and value >= {{ gate('TRD-006', 'chapter_value_min_eur') }}
    and (
        secret_value_pct > {{ gate('TRD-006', 'chapter_secret_value_max_pct') }}
        or abs(secret_change_points) >= {{ gate('TRD-006', 'chapter_secret_change_points') }}
    )
