{{ config(meta={'rule_id': 'MRT-016'}) }}
-- A method card publishes parameters; the models compute with the variables of the project. Both must say the same, or
-- a reader would recompute a number with a limit nobody used. A parameter ends with a comma or the closing bracket.
{% set stated = [
    ('import_dependency', 'cdi1', var('import_dependency_cdi1')),
    ('import_dependency', 'cdi2', var('import_dependency_cdi2')),
    ('import_dependency', 'cdi3', var('import_dependency_cdi3')),
    ('import_dependency', 'floor_eur', var('import_dependency_floor_eur')),
    ('location_quotient', 'min_employees', var('location_quotient_min_employees')),
    ('market_fit', 'years', var('market_fit_years')),
    ('partner_match', 'max_candidates', var('partner_match_max_candidates')),
    ('partner_match', 'min_score', var('partner_match_min_score')),
] %}
with used as (
    {%- for method, parameter, value in stated %}
    select '{{ method }}' as method_code, '{{ parameter }}' as parameter, '"{{ parameter }}": {{ value }}' as fragment
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select used.method_code, used.parameter, used.fragment, card.parameters_json
from used
left join {{ ref('meta_method_card') }} as card
    on
        used.method_code = card.method_code
        and (
            card.parameters_json like '%' || used.fragment || ',%'
            or card.parameters_json like '%' || used.fragment || '}%'
        )
where card.method_code is null
