-- Grain: one row per HS6 product and snapshot, as published.
-- Why: names of the edition the flows use, for runs without a list of the Harmonized System.
select
    product_code,
    product_name,
    snapshot_id
from {{ source('baci', 'product') }}
