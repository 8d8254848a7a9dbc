{#- A number lies between `min` and `max` (both included, both optional); NULL passes, NaN does not:
    what must not be NULL says so with `not_null`. -#}
{% test in_range(model, column_name, min=none, max=none) %}
select {{ column_name }}
from {{ model }}
where
    {{ is_not_finite(column_name) }}
    {%- if min is not none %}
    or {{ column_name }} < {{ min }}
    {%- endif %}
    {%- if max is not none %}
    or {{ column_name }} > {{ max }}
    {%- endif %}
{% endtest %}
