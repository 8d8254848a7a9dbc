{#- A composite key is unique and complete: returns the repeated keys and the rows with a NULL in the key.
    `columns` names the key; it belongs on the model, not on a column. Use dbt's `unique` for one column.
    Keys are grouped by their hash first: one number a row instead of nine texts, a third of the memory on tens of millions of
    rows. Only rows whose hash repeats are compared as they are. -#}
{% test unique_key(model, columns) %}
with repeated as (
    select {{ row_hash(columns) }} as key_hash
    from {{ model }}
    group by {{ row_hash(columns) }}
    having count(*) > 1
)

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
where
    {{ row_hash(columns) }} in (select key_hash from repeated)
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
