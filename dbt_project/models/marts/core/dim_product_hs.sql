-- Grain: one code of one edition of the Harmonized System, at two, four or six digits.
-- Why: product codes mean something only with their edition; the parent is the code two digits shorter.
select
    classification_code,
    product_code,
    cast(length(product_code) as integer) as product_level,
    case
        when length(product_code) > 2 then substr(product_code, 1, length(product_code) - 2)
    end as parent_product_code,
    product_name_de,
    product_name_en
from {{ ref('int_product_space__product') }}
