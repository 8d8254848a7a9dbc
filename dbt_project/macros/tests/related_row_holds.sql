{#- Every value of this column refers to a row of another model for which a condition is true: a consent in force,
    a version that is current. Stricter than `relationships`, which only asks for the row; NULL passes. -#}
{% test related_row_holds(model, column_name, to, field, condition) %}
select child.{{ column_name }}
from (select {{ column_name }} from {{ model }}) as child
left join {{ to }} as parent on child.{{ column_name }} = parent.{{ field }} and {{ condition }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endtest %}
