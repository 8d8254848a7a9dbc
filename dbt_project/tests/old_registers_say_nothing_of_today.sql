{{ config(severity='warn', meta={'rule_id': 'REG-010'}) }}
-- An entry of a bulk register or a list that is older than the limit never says what is registered today, wherever it came from.
select record.company_id, record.register_status_code, record.known_at
from {{ ref('int_company__register_record') }} as record
cross join (select max(started_at) as started_at from {{ ref('stg_meta__run') }}) as run
where
    record.source_id in ('offeneregister', 'register_list') and record.register_status_code = 'registered'
    and record.known_at < {{ dbt.dateadd('day', -var('register_status_max_age_days'), 'run.started_at') }}
