-- Grain: one row as published (X rows repeat with other SITC, CPA or BEC codes), per snapshot.
-- Why: typed and renamed only; summing to one row per product is a decision and belongs in intermediate.
select
    reporter_code as reporter_comext_code,
    partner_code as partner_comext_code,
    trade_type_code,
    product_code,
    sitc_code,
    cpa21_code,
    cpa22_code,
    bec_code,
    bec5_code,
    section_code,
    case flow_number when '1' then 'import' when '2' then 'export' end as flow_code,
    procedure_code,
    supplementary_unit_code,
    period_code,
    value_eur,
    value_nac,
    net_mass_kg,
    supplementary_quantity,
    source_row,
    snapshot_id
from {{ source('comext', 'flow') }}
