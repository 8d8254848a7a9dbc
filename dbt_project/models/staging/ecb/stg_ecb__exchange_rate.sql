-- Grain: one row per series, period and snapshot, as published.
-- Why: the year is said here once, whatever the frequency; what a rate is used for is decided later.
select
    frequency_code,
    currency_code,
    period_code,
    cast(substr(period_code, 1, 4) as integer) as year,
    units_per_eur,
    status_code,
    snapshot_id
from {{ source('ecb', 'exchange_rate') }}
