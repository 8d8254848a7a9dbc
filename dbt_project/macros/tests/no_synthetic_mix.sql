{#- Invented and real deliveries never meet in one build. Classifications are exempt: a sample region uses
    the real lists of industries, products and countries. -#}
{% test no_synthetic_mix(model, column_name, source_column='source_id', exempt=[]) %}
select
    count(distinct {{ column_name }}) as kinds
from {{ model }}
{%- if exempt %}
where {{ source_column }} not in ('{{ exempt | join("', '") }}')
{%- endif %}
having count(distinct {{ column_name }}) > 1
{% endtest %}
