-- Grain: one row per answer about a VAT number and snapshot (one a day).
-- Why: only valid and invalid are answers. Addresses stay in the lake: a trader's may be a home (REG-011).
select
    cast(vat_number as varchar) as vat_number,
    cast(country_code as varchar) as country_code,
    cast(state_code as varchar) as state_code,
    cast(error_code as varchar) as error_code,
    cast(asked_at as timestamp) as asked_at,
    cast(requested_at as timestamp) as requested_at,
    cast(consultation_number as varchar) as consultation_number,
    cast(trader_name as varchar) as trader_name,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('vies', 'check') }}
