{#- Several numbers of one row lie in their ranges, judged in one scan: `columns` maps a name to [min, max], where
    null leaves a side open. NULL passes; NaN and infinity never do, also without limits. -#}
{% test numbers_in_range(model, columns) %}
select
    {{ columns.keys() | join(', ') }}
from {{ model }}
where
    {%- for name, limits in columns.items() %}
    {{ 'or ' if not loop.first }}{{ is_not_finite(name) }}
    {%- if limits[0] is not none %} or {{ name }} < {{ limits[0] }}{% endif %}
    {%- if limits[1] is not none %} or {{ name }} > {{ limits[1] }}{% endif %}
    {%- endfor %}
{% endtest %}
