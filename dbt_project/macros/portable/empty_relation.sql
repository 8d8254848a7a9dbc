{#- A typed relation without rows: for tables whose rows are written after the build (release). -#}
{% macro empty_relation(columns) -%}
select
    {%- for name, type in columns.items() %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where 1 = 0
{%- endmacro %}
