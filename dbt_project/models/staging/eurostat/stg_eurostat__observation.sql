-- Grain: one row per dataset, area, unit, period, other dimensions and snapshot, as published.
-- Why: absent, secret and zero are told apart here once; the flag stays beside the number.
select
    dataset_code,
    geo_code,
    unit_code,
    time_period,
    dimension_key,
    value,
    case
        when value is not null then 'ok'
        when conf_status is not null and conf_status <> 'F' then 'secret'
        when flag like '%c%' then 'secret'
        when flag like '%z%' then 'not_applicable'
        else 'not_available'
    end as value_status_code,
    flag as flag_codes,
    updated_at,
    snapshot_id
from {{ source('eurostat', 'observation') }}
