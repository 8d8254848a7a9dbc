{#- How alike two normalised names are, 0 to 1; NULL where one is missing.
    Dispatched: DuckDB has Jaro-Winkler; elsewhere the edit distance of the longer name stands for it. -#}
{% macro name_similarity(one, other) %}
    {{ return(adapter.dispatch('name_similarity', 'kettenwerk')(one, other)) }}
{% endmacro %}

{% macro default__name_similarity(one, other) -%}
    1 - levenshtein({{ one }}, {{ other }})
    / cast(nullif(greatest(length({{ one }}), length({{ other }})), 0) as double)
{%- endmacro %}

{% macro duckdb__name_similarity(one, other) -%}
    jaro_winkler_similarity({{ one }}, {{ other }})
{%- endmacro %}
