-- Grain: one row per source record that the vault's map ties to a company.
-- Why: the only road from a delivered record to a company id; names are never matched again here.
select
    cast(source_id as varchar) as source_id,
    cast(record_id as varchar) as record_id,
    cast(company_id as varchar) as company_id,
    cast(key_type_code as varchar) as key_type_code,
    cast(is_synthetic as boolean) as is_synthetic
from {{ source('identity', 'company_key') }}
