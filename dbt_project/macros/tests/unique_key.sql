{#- A composite key is unique and complete: returns the repeated keys and the rows with a NULL in the key.
    `columns` names the key; it belongs on the model, not on a column. Use dbt's `unique` for one column. -#}
{% test unique_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
