{#- A foreign key of several columns resolves (dbt's `relationships` does one column); rows with a NULL in the
    key pass. -#}
{% test key_resolves(model, columns, to, to_columns=none, row_condition='true') %}
{%- set targets = to_columns or columns %}
select distinct
    {{ columns | join(', ') }}
from {{ model }} as child
where
    {{ row_condition }}
    {%- for column in columns %}
    and child.{{ column }} is not null
    {%- endfor %}
    and not exists (
        select 1
        from {{ to }} as parent
        where
            {%- for column in columns %}
            {{ 'and ' if not loop.first }}parent.{{ targets[loop.index0] }} = child.{{ column }}
            {%- endfor %}
    )
{% endtest %}
