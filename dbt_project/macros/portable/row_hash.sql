{#- A number of 64 bits from several columns, equal for equal rows, NULL like a value. Two rows may share one by chance: what
    counts must be compared again. Dispatched because engines name their hash differently. -#}
{% macro row_hash(columns) %}{{ return(adapter.dispatch('row_hash', 'kettenwerk')(columns)) }}{% endmacro %}

{% macro default__row_hash(columns) %}xxhash64({{ columns | join(', ') }}){% endmacro %}

{% macro duckdb__row_hash(columns) %}hash({{ columns | join(', ') }}){% endmacro %}
