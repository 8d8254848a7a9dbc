-- Grain: one rule on one asset and partition in one run.
-- Why: results of the dock and of earlier audits, written by the works itself.
select
    run_id,
    rule_id,
    asset_name,
    partition_key,
    severity_code,
    outcome_code,
    observed_value,
    expected_low,
    expected_high,
    cast(failed_row_count as bigint) as failed_row_count,
    sample_path,
    waiver_id,
    first_failed_at,
    checked_at,
    published_run_id
from {{ source('dq', 'result') }}
