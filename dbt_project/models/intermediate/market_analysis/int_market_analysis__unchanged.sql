-- Grain: HS6 code x edition x other edition in which the same code means the same goods.
-- Why: a new edition changes few headings. Where the list of changes is loaded, only these break and only these cannot be
-- compared; without the list no code is known to be unchanged.
select code_from as hs6_code, scheme_from as classification_code, scheme_to as other_classification_code
from {{ ref('int_classification__bridge') }}
where
    scheme_from like 'HS%' and scheme_to like 'HS%' and length(code_from) = 6
    and code_from = code_to and relation_code = 'one_to_one'
union
select code_to, scheme_to, scheme_from
from {{ ref('int_classification__bridge') }}
where
    scheme_from like 'HS%' and scheme_to like 'HS%' and length(code_from) = 6
    and code_from = code_to and relation_code = 'one_to_one'
