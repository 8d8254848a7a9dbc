-- Grain: one unordered pair of products per edition and year, product_code_a before product_code_b.
-- Why: which products are exported together. Pairs that never meet are left out; at six digits only pairs above
-- the region's floor are kept, because the rest are millions of weak ties.
select
    classification_code,
    cast(year as integer) as year,
    product_code_a,
    product_code_b,
    cast(proximity as double) as proximity,
    method_version
from {{ ref('int_product_space__proximity') }}
