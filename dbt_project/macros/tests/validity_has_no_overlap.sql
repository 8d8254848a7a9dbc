{#- Versions of one key do not overlap in time: `valid_to` is the last valid moment, NULL while in force. -#}
{% test validity_has_no_overlap(model, key, valid_from='valid_from', valid_to='valid_to') %}
select *
from (
    select
        {{ key }},
        {{ valid_to }} as this_valid_to,
        lead({{ valid_from }}) over (partition by {{ key }} order by {{ valid_from }}) as next_valid_from
    from {{ model }}
) as versions
where next_valid_from is not null and (this_valid_to is null or this_valid_to >= next_valid_from)
{% endtest %}
