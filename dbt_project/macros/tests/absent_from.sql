{#- No value of this column occurs in another model: who withdrew must not be found again. NULL passes. -#}
{% test absent_from(model, column_name, to, field) %}
select child.{{ column_name }}
from (select {{ column_name }} from {{ model }}) as child
inner join {{ to }} as listed on child.{{ column_name }} = listed.{{ field }}
{% endtest %}
