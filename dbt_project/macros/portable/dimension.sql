{#- One dimension of a key such as 'currency=EUR|tax=X_TAX': its code, '-' where the key has none. -#}
{% macro dimension(key, name) -%}
coalesce(nullif(regexp_extract({{ key }}, '(^|[|]){{ name }}=([^|]*)', 2), ''), '-')
{%- endmacro %}

{#- The same key without that dimension. -#}
{% macro without_dimension(key, name) -%}
trim(regexp_replace({{ key }}, '(^|[|]){{ name }}=[^|]*', ''), '|')
{%- endmacro %}
