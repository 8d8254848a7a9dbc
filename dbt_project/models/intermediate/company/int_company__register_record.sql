-- Grain: one row per register record whose company the vault's map knows, newest vintage only.
-- Why: four registers in one shape. Status is only as good as its date: an entry of an old snapshot may say that a
-- company was registered then or is gone, never that it is registered today (REG-010).
{% set freshness_days = var('register_status_max_age_days') %}
with latest as (
    select snapshot_id, retrieved_at
    from {{ ref('int_meta__snapshot') }}
    where is_latest_vintage and source_id in ('offeneregister', 'register_list', 'gleif', 'geonames_company')
),

run_fact as (
    select max(started_at) as started_at from {{ ref('stg_meta__run') }}
),

court as (
    select distinct court_code, lower(replace(court_name, 'Amtsgericht ', '')) as court_key
    from {{ ref('stg_region__court') }}
),

record as (
    select
        'offeneregister' as source_id,
        company_number as record_id,
        company_name,
        court_code,
        register_type_code,
        register_number,
        cast(null as varchar) as lei,
        postcode,
        registered_office as town,
        cast(null as varchar) as kreis_ags,
        case current_status when 'currently registered' then 'registered' when 'removed' then 'removed' end
            as stated_status_code,
        retrieved_at as known_at,
        snapshot_id
    from {{ ref('stg_offeneregister__company') }}
    union all
    select
        'register_list',
        listed.record_id,
        listed.company_name,
        coalesce(listed.court_code, court.court_code),
        listed.register_type_code,
        listed.register_number,
        cast(null as varchar),
        listed.postcode,
        listed.seat,
        cast(null as varchar),
        -- A company in liquidation or insolvency is still registered.
        case when listed.status_code = 'removed' then 'removed' when listed.status_code is not null then 'registered' end,
        listed.retrieved_at,
        listed.snapshot_id
    from {{ ref('stg_register_list__company') }} as listed
    left join court on lower(replace(listed.court_name, 'Amtsgericht ', '')) = court.court_key
    union all
    select
        'gleif',
        lei,
        legal_name,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        lei,
        postcode,
        city,
        cast(null as varchar),
        case entity_status when 'ACTIVE' then 'registered' when 'INACTIVE' then 'removed' end,
        last_update_at,
        snapshot_id
    from {{ ref('stg_gleif__lei_record') }}
    union all
    select
        'gleif',
        lei,
        legal_name,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        lei,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as timestamp),
        snapshot_id
    from {{ ref('stg_gleif__lei_name') }}
    union all
    select
        'geonames_company',
        cast(source_row as varchar),
        company_name,
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        cast(null as varchar),
        postcode,
        cast(null as varchar),
        kreis_ags,
        cast(null as varchar),
        cast(null as timestamp),
        snapshot_id
    from {{ ref('stg_geonames_company__company') }}
),

keyed as (
    select
        record.*,
        company.company_id,
        company.is_synthetic,
        coalesce(record.known_at, latest.retrieved_at) as known_or_retrieved_at,
        latest.retrieved_at,
        run_fact.started_at as run_started_at,
        row_number() over (
            partition by record.source_id, record.record_id
            order by record.postcode desc nulls last, latest.retrieved_at desc, record.snapshot_id desc
        ) as record_rank
    from record
    inner join latest on record.snapshot_id = latest.snapshot_id
    inner join {{ ref('stg_identity__company_key') }} as company
        on record.source_id = company.source_id and record.record_id = company.record_id
    cross join run_fact
)

select
    source_id,
    record_id,
    company_id,
    company_name,
    court_code,
    register_type_code,
    register_number,
    lei,
    postcode,
    town,
    kreis_ags,
    case
        when stated_status_code = 'removed' then 'removed'
        when
            stated_status_code = 'registered' and source_id = 'offeneregister' and known_at is null
            then 'registered_before'
        when
            stated_status_code = 'registered' and source_id in ('offeneregister', 'register_list')
            and known_or_retrieved_at < {{ dbt.dateadd('day', -freshness_days, 'run_started_at') }}
            then 'registered_before'
        when stated_status_code is not null then stated_status_code
        else 'unknown'
    end as register_status_code,
    known_or_retrieved_at as known_at,
    is_synthetic,
    snapshot_id
from keyed
where record_rank = 1
