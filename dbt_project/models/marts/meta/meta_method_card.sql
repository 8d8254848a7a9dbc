{{ config(alias='method_card') }}
-- Grain: one version of one method.
-- Why: a published score or index names a version; here stands its formula, its parameters and how it is proven.
select
    method_code,
    method_version,
    title_de,
    formula,
    parameters_json,
    reference,
    oracle
from {{ ref('method_card') }}
