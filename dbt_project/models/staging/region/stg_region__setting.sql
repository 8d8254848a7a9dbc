-- Grain: one setting of the region folder.
-- Why: limits and versions a model needs come in as data, so that changing one is a new run, not new code.
select
    setting_key,
    setting_value
from {{ source('region', 'setting') }}
