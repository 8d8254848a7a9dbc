{#- A rule over several columns of one row; returns the rows where it is false. NULL passes, as in a CHECK. -#}
{% test expression_holds(model, expression, row_condition='true') %}
select *
from {{ model }}
where ({{ row_condition }}) and not ({{ expression }})
{% endtest %}
