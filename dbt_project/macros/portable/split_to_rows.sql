{#- One row per part of a text, as an expression of the select list; however many parts there are.
    Dispatched: DuckDB unnests a list, Spark explodes an array (the separator is a regular expression there). -#}
{% macro split_to_rows(expression, separator) %}
    {{ return(adapter.dispatch('split_to_rows', 'kettenwerk')(expression, separator)) }}
{% endmacro %}

{% macro default__split_to_rows(expression, separator) -%}
    explode(split({{ expression }}, '[{{ separator }}]'))
{%- endmacro %}

{% macro duckdb__split_to_rows(expression, separator) -%}
    unnest(string_split({{ expression }}, '{{ separator }}'))
{%- endmacro %}
