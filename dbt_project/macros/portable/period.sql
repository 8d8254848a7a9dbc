{#- First day of a year or month from the codes sources deliver; text casts only, so every engine agrees. -#}
{% macro year_start(year) -%}
    cast(lpad(cast({{ year }} as varchar), 4, '0') || '-01-01' as date)
{%- endmacro %}

{#- Comext writes YYYYMM; month 52 stands for the whole year. -#}
{% macro period_code_start(period_code) -%}
    cast(
        substr({{ period_code }}, 1, 4) || '-'
        || case when substr({{ period_code }}, 5, 2) = '52' then '01' else substr({{ period_code }}, 5, 2) end
        || '-01' as date
    )
{%- endmacro %}
