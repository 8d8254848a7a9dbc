{#- A code has the form it must have (regular expression over the whole text); NULL passes. -#}
{% test matches_pattern(model, column_name, pattern) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} is not null and not ({{ matches(column_name, pattern) }})
{% endtest %}
