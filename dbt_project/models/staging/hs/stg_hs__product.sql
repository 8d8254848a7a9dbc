-- Grain: one code per edition of the Harmonized System and snapshot, as published.
-- Why: two, four and six digits in one list; the level is the number of digits.
select
    classification_code,
    product_code,
    cast(length(product_code) as integer) as product_level,
    product_name_de,
    product_name_en,
    snapshot_id
from {{ source('hs', 'product') }}
