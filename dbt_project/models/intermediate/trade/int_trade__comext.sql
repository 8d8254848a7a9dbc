{{ config(materialized='view') }}
{%- set closed_on = dbt.dateadd('month', 22, period_code_start("substr(m.period_code, 1, 4) || '01'")) -%}
-- Grain: one row per reporter, partner, CN8 product, flow, period and vintage.
-- Why: Comext repeats a product by statistical procedure, and X rows by SITC, CPA and BEC; none of these are in
-- the fact, so their values are summed. X codes stay as reported: they hold value that exists only there.
with flow as (
    select
        f.reporter_comext_code, f.partner_comext_code, f.product_code, f.flow_code, f.period_code,
        f.value_eur, f.net_mass_kg, f.supplementary_quantity,
        nullif(f.supplementary_unit_code, 'NO_SU') as supplementary_unit_code,
        s.snapshot_id, s.vintage_id, s.vintage_number, s.retrieved_at, s.is_latest_vintage
    from {{ ref('stg_comext__flow') }} as f
    inner join {{ ref('int_meta__snapshot') }} as s on f.snapshot_id = s.snapshot_id
),

summed as (
    select
        reporter_comext_code, partner_comext_code, product_code, flow_code, period_code,
        snapshot_id, vintage_id, vintage_number, retrieved_at, is_latest_vintage,
        sum(value_eur) as value_eur,
        sum(net_mass_kg) as net_mass_kg,
        -- Quantities in different units do not add up; then neither quantity nor unit is given.
        case when count(distinct supplementary_unit_code) = 1 then sum(
            case when supplementary_unit_code is not null then supplementary_quantity end
        ) end as supplementary_quantity,
        case when count(distinct supplementary_unit_code) = 1 then max(supplementary_unit_code) end
            as supplementary_unit_code
    from flow
    group by
        reporter_comext_code, partner_comext_code, product_code, flow_code, period_code,
        snapshot_id, vintage_id, vintage_number, retrieved_at, is_latest_vintage
)

select
    coalesce(reporter.country_code, m.reporter_comext_code) as reporter_code,
    coalesce(partner.country_code, m.partner_comext_code) as partner_code,
    'CN' || substr(m.period_code, 1, 4) as classification_code,
    m.product_code,
    m.flow_code,
    {{ period_code_start('m.period_code') }} as period_start,
    case when substr(m.period_code, 5, 2) = '52' then 'year' else 'month' end as period_type_code,
    m.vintage_id,
    m.value_eur,
    m.net_mass_kg,
    m.supplementary_quantity,
    m.supplementary_unit_code,
    case
        when secret.country_code is not null then 'confidential'
        when m.product_code like '%X%' then 'suppressed_detail'
        else 'none'
    end as confidentiality_code,
    -- Eurostat closes a year in October of the following one; until then every vintage may change it.
    case
        when m.retrieved_at >= cast({{ closed_on }} as timestamp) then 'final'
        when m.vintage_number > 1 then 'revised'
        else 'provisional'
    end as value_status_code,
    m.is_latest_vintage,
    m.snapshot_id
from summed as m
left join {{ ref('int_trade__country_code') }} as reporter
    on reporter.code_system = 'iso2' and reporter.source_code = m.reporter_comext_code
left join {{ ref('int_trade__country_code') }} as partner
    on partner.code_system = 'iso2' and partner.source_code = m.partner_comext_code
left join {{ ref('country_pseudo_codes') }} as secret
    on
        secret.source_code = m.partner_comext_code and secret.code_system = 'iso2'
        and secret.meaning_code = 'confidential'
