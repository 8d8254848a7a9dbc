{#- A total survives a transformation: the sum of `total` here equals the sum of `compare_total` over
    `compare_model`, within a relative tolerance. Two empty tables agree. -#}
{% test total_equals(
    model, total, compare_model, compare_total, row_condition='true', compare_condition='true', tolerance=1e-9
) %}
select *
from (
    select
        (select coalesce(sum({{ total }}), 0) from {{ model }} where {{ row_condition }}) as this_total,
        (
            select coalesce(sum({{ compare_total }}), 0) from {{ compare_model }} where {{ compare_condition }}
        ) as other_total
) as totals
where abs(this_total - other_total) > {{ tolerance }} * greatest(abs(this_total), abs(other_total))
{% endtest %}
