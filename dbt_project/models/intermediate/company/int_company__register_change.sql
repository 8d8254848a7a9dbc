-- Grain: one register entry of a surveyed company whose standing differs from the load before.
-- Why: an adviser must hear that a company went into liquidation or left the register before the next visit. A
-- register says so by its status or in the name ('i. L.'); only what changed since the last load is news, so that nobody
-- hears it twice. Rows of a list move between two deliveries; the entry's number finds it again.
with loaded as (
    select snapshot_id, source_id, retrieved_at, is_latest_vintage
    from {{ ref('int_meta__snapshot') }}
    where source_id in ('offeneregister', 'register_list', 'gleif')
),

record as (
    select
        'offeneregister' as source_id, company_number as record_id, company_number as entry_key,
        lower(company_name) as name_text,
        case current_status when 'removed' then 'removed' end as stated_code,
        snapshot_id
    from {{ ref('stg_offeneregister__company') }}
    union all
    select
        'register_list', record_id,
        coalesce(court_code, court_name, seat, '') || ' '
        || coalesce(register_type_code || register_number, company_name),
        lower(company_name),
        case status_code when 'liquidation' then 'in_liquidation' when 'insolvency' then 'insolvent'
            when 'removed' then 'removed'
        end,
        snapshot_id
    from {{ ref('stg_register_list__company') }}
    union all
    select
        'gleif', lei, lei, lower(legal_name), case entity_status when 'INACTIVE' then 'removed' end, snapshot_id
    from {{ ref('stg_gleif__lei_record') }}
),

stated as (
    select
        record.source_id,
        record.record_id,
        record.entry_key,
        record.snapshot_id,
        loaded.retrieved_at,
        loaded.is_latest_vintage,
        case
            when record.stated_code is not null then record.stated_code
            when {{ matches("record.name_text", ".*( i[.] ?i[.]?|in insolvenz)[)]?") }} then 'insolvent'
            when {{ matches("record.name_text", ".*( i[.] ?l[.]?|in liquidation|in abwicklung)[)]?") }}
                then 'in_liquidation'
            else 'active'
        end as standing_code,
        row_number() over (
            partition by record.source_id, record.entry_key, loaded.is_latest_vintage
            order by loaded.retrieved_at desc, record.snapshot_id desc, record.record_id
        ) as load_rank
    from record
    inner join loaded on record.snapshot_id = loaded.snapshot_id and record.source_id = loaded.source_id
),

-- Of the loads that are no longer in force, the newest one before the one that is.
before as (
    select
        earlier.source_id, earlier.entry_key, earlier.standing_code, earlier.snapshot_id,
        row_number() over (
            partition by earlier.source_id, earlier.entry_key
            order by earlier.retrieved_at desc, earlier.snapshot_id desc, earlier.record_id
        ) as load_rank
    from stated as earlier
    inner join stated as now
        on
            earlier.source_id = now.source_id and earlier.entry_key = now.entry_key
            and now.is_latest_vintage and now.load_rank = 1 and earlier.retrieved_at < now.retrieved_at
    where not earlier.is_latest_vintage
)

select
    survey.company_id,
    now.source_id,
    now.record_id,
    before.standing_code as previous_standing_code,
    now.standing_code,
    now.snapshot_id,
    before.snapshot_id as previous_snapshot_id
from stated as now
inner join before
    on now.source_id = before.source_id and now.entry_key = before.entry_key and before.load_rank = 1
inner join {{ ref('stg_identity__company_key') }} as company
    on now.source_id = company.source_id and now.record_id = company.record_id
inner join {{ ref('int_company__survey') }} as survey on company.company_id = survey.company_id
where now.is_latest_vintage and now.load_rank = 1 and now.standing_code <> before.standing_code
