{#- One value of the region's settings, as text; a scalar subquery, NULL where the region folder has none. -#}
{% macro setting(key) -%}
    (select max(setting_value) from {{ ref('stg_region__setting') }} where setting_key = '{{ key }}')
{%- endmacro %}
