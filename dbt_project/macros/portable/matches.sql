{#- True where the whole text matches a regular expression.
    Dispatched: DuckDB has regexp_full_match(), Spark rlike with anchors. -#}
{% macro matches(expression, pattern) %}
    {{ return(adapter.dispatch('matches', 'kettenwerk')(expression, pattern)) }}
{% endmacro %}

{% macro default__matches(expression, pattern) -%}
    {{ expression }} rlike '^({{ pattern | replace("\\", "\\\\") }})$'
{%- endmacro %}

{% macro duckdb__matches(expression, pattern) -%}
    regexp_full_match({{ expression }}, '{{ pattern }}')
{%- endmacro %}
