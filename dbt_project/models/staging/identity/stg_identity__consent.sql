-- Grain: one row per company and purpose.
-- Why: the consent in force when the run started; every company model joins on it before anything else.
select
    cast(company_id as varchar) as company_id,
    cast(purpose_code as varchar) as purpose_code,
    cast(is_granted as boolean) as is_granted,
    cast(text_version as varchar) as text_version,
    cast(in_force_since as timestamp) as in_force_since
from {{ source('identity', 'consent') }}
