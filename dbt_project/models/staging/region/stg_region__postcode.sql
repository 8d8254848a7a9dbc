-- Grain: one postcode, municipality and type (delivery, bulk, P.O. box) of the region folder.
-- Why: a postcode is no official key; companies print bulk and box codes as well.
select
    postcode,
    ags,
    kreis_ags,
    postcode_type_code
from {{ source('region', 'postcode') }}
