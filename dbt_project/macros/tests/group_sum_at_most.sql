{#- The sum of a column within each group stays below a limit, for parts of one whole; rows with a NULL in the group
    belong to no whole and are left out. -#}
{% test group_sum_at_most(model, column_name, group_by, at_most) %}
select
    {{ group_by | join(', ') }},
    sum({{ column_name }}) as column_sum
from {{ model }}
where {% for column in group_by %}{{ column }} is not null{{ ' and ' if not loop.last }}{% endfor %}
group by {{ group_by | join(', ') }}
having sum({{ column_name }}) > {{ at_most }}
{% endtest %}
