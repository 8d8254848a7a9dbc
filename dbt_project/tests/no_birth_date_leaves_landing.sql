{{ config(meta={'rule_id': 'REG-011'}) }}
{#- Written as registers write it: '*12.03.1960', 'geb. 12.03.1960', 'geboren am 1. 3. 1960'. -#}
{% set born = '.*([*]|geb[.]?|geboren)( am)? ?[0-9]{1,2}[.] ?[0-9]{1,2}[.] ?[12][0-9]{3}.*' -%}
-- No text of a register that is read on holds a person's date of birth; officers are dropped while reading.
with text as (
    select snapshot_id, lower(concat_ws(' | ', company_name, registered_address, registered_office)) as register_text
    from {{ ref('stg_offeneregister__company') }}
    union all
    select snapshot_id, lower(concat_ws(' | ', company_name, seat)) as register_text
    from {{ ref('stg_register_list__company') }}
    union all
    select snapshot_id, lower(concat_ws(' | ', legal_name, city)) as register_text
    from {{ ref('stg_gleif__lei_record') }}
)

select snapshot_id, count(*) as row_count
from text
where {{ matches('register_text', born) }}
group by snapshot_id
