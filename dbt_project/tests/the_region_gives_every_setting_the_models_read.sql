{{ config(meta={'rule_id': 'MRT-016'}) }}
-- A setting that is missing would be NULL in a comparison, which is silently false; so each one must be there, once.
{% set needed = [
    'region_code', 'country_code', 'privacy_k', 'privacy_dominance_1', 'privacy_dominance_2', 'high_score_from',
    'market_fit_config', 'dependency_version', 'proximity_floor_hs6',
    'TRD-006.secret_value_max_pct', 'TRD-007.total_change_max_pct', 'TRD-007.chapter_change_max_pct',
    'TRD-008.change_min_eur', 'TRD-008.change_max_pct', 'TRD-010.cells_min_pct',
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
