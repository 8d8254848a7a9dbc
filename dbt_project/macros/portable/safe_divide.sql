{#- A ratio with a defined answer: NULL where the denominator is zero or missing, never infinite. -#}
{% macro safe_divide(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}
