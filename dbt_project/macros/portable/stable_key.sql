{#- A surrogate key that is the same in every build: the first 60 bits of the MD5 of the parts, as BIGINT.
    Dispatched: DuckDB casts hexadecimal text, Spark converts it with conv(). -#}
{% macro stable_key(parts) %}{{ return(adapter.dispatch('stable_key', 'kettenwerk')(parts)) }}{% endmacro %}

{% macro default__stable_key(parts) -%}
    cast(conv(substr(md5(concat_ws('|', {{ parts | join(', ') }})), 1, 15), 16, 10) as bigint)
{%- endmacro %}

{% macro duckdb__stable_key(parts) -%}
    cast('0x' || substr(md5(concat_ws('|', {{ parts | join(', ') }})), 1, 15) as bigint)
{%- endmacro %}
