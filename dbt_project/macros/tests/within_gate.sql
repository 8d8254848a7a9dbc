{#- The size of a number stays `at_most` at one limit of the region's gates and `at_least` at another; NULL passes. -#}
{% test within_gate(model, column_name, rule_id, at_most=none, at_least=none, row_condition='true') %}
select *
from {{ model }}
where
    ({{ row_condition }})
    and (
        false
        {%- if at_most is not none %}
        or abs({{ column_name }}) > {{ gate(rule_id, at_most) }}
        {%- endif %}
        {%- if at_least is not none %}
        or {{ column_name }} < {{ gate(rule_id, at_least) }}
        {%- endif %}
    )
{% endtest %}
