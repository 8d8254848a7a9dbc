{#- One limit of a quality rule, as a number: the region's gates for this profile (`gates.yml`). NULL where there is
    none, which no comparison passes as broken; the_region_gives_every_setting_the_models_read holds that none is missing. -#}
{% macro gate(rule_id, limit) -%}
    cast({{ setting(rule_id ~ '.' ~ limit) }} as double)
{%- endmacro %}
