-- Grain: one row per company that any register knows.
-- Why: the best of the registers per company. Names and status: GLEIF (kept up to date) before OffeneRegister (2019)
-- or a supplied list (which is the newer) before the place list; the register number comes from those two, the only
-- ones with the court.
with ranked as (
    select
        record.*,
        place.ags,
        place.kreis_ags as place_kreis_ags,
        place.is_in_region,
        row_number() over (
            partition by record.company_id
            order by
                case
                    when record.source_id = 'gleif' then 1
                    when record.source_id in ('offeneregister', 'register_list') then 2
                    else 3
                end,
                record.known_at desc nulls last,
                record.record_id
        ) as source_rank
    from {{ ref('int_company__register_record') }} as record
    left join {{ ref('int_company__place') }} as place
        on record.source_id = place.source_id and record.record_id = place.record_id
),

-- What was said last of every entry: a list of today knows better than the snapshot of 2019 whether it was removed.
statement as (
    select
        ranked.*,
        row_number() over (
            partition by company_id, court_code, register_type_code, register_number
            order by known_at desc nulls last, record_id
        ) as statement_rank
    from ranked
    where source_id in ('offeneregister', 'register_list') and court_code is not null and register_number is not null
),

-- The newest entry of the commercial register; a company that moved has several.
entry as (
    select *
    from (
        select
            company_id,
            court_code,
            register_type_code,
            register_number,
            register_status_code,
            row_number() over (
                partition by company_id
                order by
                    case when register_status_code = 'removed' then 1 else 0 end,
                    known_at desc nulls last,
                    record_id
            ) as entry_rank
        from statement
        where statement_rank = 1
    ) as ordered
    where entry_rank = 1
),

-- The best-ranked source with a place decides the place.
place as (
    select *
    from (
        select
            company_id,
            ags,
            place_kreis_ags,
            is_in_region,
            row_number() over (
                partition by company_id
                order by
                    case when ags is not null then 0 else 1 end,
                    case when is_in_region then 0 else 1 end,
                    source_rank
            ) as place_rank
        from ranked
    ) as ordered
    where place_rank = 1
)

select
    ranked.company_id,
    max(case when ranked.source_rank = 1 then ranked.company_name end) as company_name,
    max(entry.court_code) as register_court_code,
    max(entry.register_type_code) as register_type_code,
    max(entry.register_number) as register_number,
    max(ranked.lei) as lei,
    max(place.ags) as ags,
    max(place.place_kreis_ags) as kreis_ags,
    max(case when place.is_in_region then 1 else 0 end) = 1 as is_in_region,
    coalesce(
        max(
            case
                when ranked.source_id = 'gleif' and ranked.register_status_code <> 'unknown'
                    then ranked.register_status_code
            end
        ),
        max(entry.register_status_code),
        'unknown'
    ) as register_status_code,
    min(ranked.known_at) as first_known_at,
    max(case when ranked.is_synthetic then 1 else 0 end) = 1 as is_synthetic
from ranked
inner join place on ranked.company_id = place.company_id
left join entry on ranked.company_id = entry.company_id
group by ranked.company_id
