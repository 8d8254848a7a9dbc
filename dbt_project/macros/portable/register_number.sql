{#- The number of a register entry as the vault reads it (warehouse.privacy.pseudonyms.normalised_register): digits and
    letters without a repeated kind of register, blanks or leading zeros; NULL where the whole text is anything else.
    A longer number, a grouped one or one a spreadsheet damaged is none: part of it could be another company's.
    Dispatched: the inner group of a full match is written differently by engine. -#}
{% macro register_number(expression) %}
    {{ return(adapter.dispatch('register_number', 'kettenwerk')(expression)) }}
{% endmacro %}

{% macro default__register_number(expression) -%}
    nullif(
        regexp_replace(
            regexp_extract(
                trim({{ expression }}), '^(?:HRA|HRB|GnR|GsR|PR|VR|B|A)?\\s*0*([0-9]{1,6}\\s*[A-Z]{0,3})$', 1
            ), '\\s', ''
        ), ''
    )
{%- endmacro %}

{% macro duckdb__register_number(expression) -%}
    nullif(
        regexp_replace(
            regexp_extract(
                trim({{ expression }}), '^(?:HRA|HRB|GnR|GsR|PR|VR|B|A)?\s*0*([0-9]{1,6}\s*[A-Z]{0,3})$', 1
            ), '\s', '', 'g'
        ), ''
    )
{%- endmacro %}
