{#- True for NaN and both infinities, false for NULL.
    Dispatched: DuckDB has isfinite(); elsewhere isnan() and the spelt-out infinities do the same. -#}
{% macro is_not_finite(expression) %}
    {{ return(adapter.dispatch('is_not_finite', 'kettenwerk')(expression)) }}
{% endmacro %}

{% macro default__is_not_finite(expression) -%}
    coalesce(isnan({{ expression }}) or abs({{ expression }}) = cast('Infinity' as double), false)
{%- endmacro %}

{% macro duckdb__is_not_finite(expression) -%}
    coalesce(not isfinite({{ expression }}), false)
{%- endmacro %}
