{#- Weights of a bridge add up to 1 within each group, so that nothing is lost or doubled in a conversion. -#}
{% test row_weight_sums_to_one(model, group_by, weight='weight', tolerance=0.001) %}
select
    {{ group_by | join(', ') }},
    sum({{ weight }}) as weight_sum
from {{ model }}
group by {{ group_by | join(', ') }}
having sum({{ weight }}) is null or abs(sum({{ weight }}) - 1) > {{ tolerance }}
{% endtest %}
