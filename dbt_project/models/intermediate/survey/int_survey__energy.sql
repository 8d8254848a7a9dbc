-- Grain: one row per wave and company that states a consumption of energy, its cost share and its turnover.
-- Why: the three belong together: consumption at the region's prices over turnover is the cost share (SRV-018). Turnover in
-- bands gives a range, and only what no turnover of the band explains is off; with one of two energies missing the cost
-- is a lower bound.
with stated as (
    select
        wave_id,
        company_id,
        max(case when question_concept_id = 'ELEC_MWH' then answer_num end) as electricity_mwh,
        max(case when question_concept_id = 'GAS_MWH' then answer_num end) as gas_mwh,
        max(case when question_concept_id = 'ENERGY_COST_SHARE' then answer_num end) as stated_pct,
        max(case when question_concept_id = 'TURNOVER_EUR' then answer_num end) as turnover_eur,
        max(case when question_concept_id = 'TURNOVER_BAND' then answer_low end) as turnover_low_eur,
        max(case when question_concept_id = 'TURNOVER_BAND' then answer_high end) as turnover_high_eur
    from {{ ref('int_survey__answer') }}
    where
        answer_status_code = 'answered'
        and question_concept_id in ('ELEC_MWH', 'GAS_MWH', 'ENERGY_COST_SHARE', 'TURNOVER_EUR', 'TURNOVER_BAND')
    group by wave_id, company_id
),

costed as (
    select
        wave_id,
        company_id,
        stated_pct,
        electricity_mwh is not null and gas_mwh is not null as is_whole,
        coalesce(electricity_mwh, 0) * {{ gate('SRV-018', 'electricity_eur_per_mwh') }}
        + coalesce(gas_mwh, 0) * {{ gate('SRV-018', 'gas_eur_per_mwh') }} as cost_eur,
        coalesce(turnover_eur, turnover_low_eur) as low_eur,
        coalesce(turnover_eur, turnover_high_eur) as high_eur
    from stated
    where stated_pct > 0 and (electricity_mwh is not null or gas_mwh is not null)
)

select
    wave_id,
    company_id,
    stated_pct,
    100 * {{ safe_divide('cost_eur', 'high_eur') }} as implied_low_pct,
    100 * {{ safe_divide('cost_eur', 'low_eur') }} as implied_high_pct,
    coalesce(
        100 * {{ safe_divide('cost_eur', 'high_eur') }} > {{ gate('SRV-018', 'factor_max') }} * stated_pct, false
    )
    or coalesce(
        is_whole
        and 100 * {{ safe_divide('cost_eur', 'low_eur') }} * {{ gate('SRV-018', 'factor_max') }} < stated_pct, false
    ) as is_implausible
from costed
where low_eur is not null or high_eur is not null
