{{ config(meta={'rule_id': 'MRT-016'}) }}
-- A setting that is missing would be NULL in a comparison, which is silently false; so each one must be there, once.
{% set needed = [
    'region_code', 'country_code', 'privacy_k', 'privacy_dominance_1', 'privacy_dominance_2', 'privacy_score_range_min',
    'privacy_high_min', 'high_score_from',
    'market_fit_config', 'region_opportunity_config', 'dependency_version', 'proximity_floor_hs6',
    'TRD-006.secret_value_max_pct', 'TRD-007.total_change_max_pct', 'TRD-007.chapter_change_max_pct',
    'TRD-008.change_min_eur', 'TRD-008.change_max_pct', 'TRD-010.cells_min_pct',
    'REG-007.name_similarity_min', 'STA-004.rounding_tolerance', 'STA-005.secret_cell_max_pct', 'STA-010.change_max_pct',
    'STA-010.employees_min',
    'TRD-004.weightless_value_max_pct', 'TRD-004.weightless_row_max_eur', 'TRD-005.chapter_difference_max_pct',
    'TRD-006.chapter_secret_value_max_pct', 'TRD-006.chapter_secret_change_points', 'TRD-006.chapter_value_min_eur',
    'TRD-009.deviation_max_count', 'TRD-009.deviation_floor_pct', 'TRD-009.history_min_months',
    'TRD-009.history_max_months', 'TRD-009.value_min_eur', 'TRD-011.tolerance_pct', 'TRD-011.smaller_side_min',
    'TRD-013.outside_max_points', 'TRD-013.history_min_months', 'TRD-013.value_min_eur', 'TRD-014.flow_min_count',
    'TRD-014.value_min_eur', 'TRD-015.value_lost_max_pct',
    'SRV-013.partial_max_pct', 'SRV-013.partial_change_max_points', 'SRV-014.same_answer_min_pct',
    'SRV-014.straight_line_max_pct', 'SRV-014.minutes_min', 'SRV-016.missing_max_pct', 'SRV-018.factor_max',
    'SRV-018.electricity_eur_per_mwh', 'SRV-018.gas_eur_per_mwh',
] %}
with needed as (
    {%- for key in needed %}
    select '{{ key }}' as setting_key {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select needed.setting_key, count(given.setting_value) as given_count
from needed
left join {{ ref('stg_region__setting') }} as given
    on needed.setting_key = given.setting_key and given.setting_value <> ''
group by needed.setting_key
having count(given.setting_value) <> 1
