{{ config(schema='marts') }}
-- Grain: one rule on one asset and partition in one run.
-- Why: what blocked, since when, and what is served instead; written by the dock and the court, shown here.
select
    run_id,
    rule_id,
    asset_name,
    coalesce(partition_key, '') as partition_key,
    severity_code,
    outcome_code,
    observed_value,
    expected_low,
    expected_high,
    failed_row_count,
    sample_path,
    waiver_id,
    first_failed_at,
    checked_at,
    published_run_id
from {{ ref('stg_dq__result') }}
