-- Grain: one row per wave, company and driver the company said enough about.
-- Why: the raw figure behind each driver, before any curve. Bands count with their midpoint. Where the supplier block
-- was answered, no foreign or single-source input is a true zero; where it was not, there is no row.
with respondent as (
    select * from {{ ref('int_survey__scalar') }}
),

member_country as (
    select distinct country_code
    from {{ ref('eu_membership') }}
    where valid_to is null
),

supply as (
    select
        supply.wave_id,
        supply.company_id,
        supply.country_iso2_code,
        supply.share_pct,
        supply.is_single_source,
        member_country.country_code is null and supply.country_iso2_code <> {{ setting('country_code') }}
            as is_third_country
    from {{ ref('int_survey__supply') }} as supply
    left join member_country on supply.country_iso2_code = member_country.country_code
    where supply.share_pct is not null
),

country_share as (
    select
        wave_id,
        company_id,
        country_iso2_code,
        sum(case when is_third_country then share_pct else 0 end) as share_pct
    from supply
    where country_iso2_code is not null
    group by wave_id, company_id, country_iso2_code
),

indicator as (
    select wave_id, company_id, 'automotive' as driver_code, automotive_share_pct as indicator_value
    from respondent
    union all
    -- Without automotive turnover there is none in the powertrain either; the question is then not shown.
    select
        wave_id,
        company_id,
        'ice_powertrain',
        case when ice_share_pct is null and automotive_share_pct = 0 then 0 else ice_share_pct end
    from respondent
    union all
    select wave_id, company_id, 'energy', energy_cost_share_pct
    from respondent
    union all
    select wave_id, company_id, 'labour', 100 * {{ safe_divide('open_positions_count', 'headcount') }}
    from respondent
    union all
    select wave_id, company_id, 'single_customer', top_customer_share_pct
    from respondent
    union all
    -- Shares of several inputs may add up to more than everything, because each is a band.
    select wave_id, company_id, 'single_country', least(max(share_pct), 100)
    from country_share
    group by wave_id, company_id
    union all
    select wave_id, company_id, 'input_material', max(case when is_single_source then share_pct else 0 end)
    from supply
    group by wave_id, company_id
)

select
    wave_id,
    company_id,
    driver_code,
    cast(indicator_value as double) as indicator_value,
    'pct' as unit_code
from indicator
where indicator_value is not null
