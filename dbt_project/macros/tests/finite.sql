{#- A computed number is neither NaN nor infinite (a division gone wrong); NULL passes. -#}
{% test finite(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ is_not_finite(column_name) }}
{% endtest %}
