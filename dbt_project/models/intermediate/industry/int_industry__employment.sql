-- Grain: one table, region, industry and reference date: employees subject to social insurance.
-- Why: the newest vintage of every cell (a newer delivery may cover other dates, so this is judged per cell), for
-- country, Länder and Kreise, and for groups as the sum of their members. A group with a secret member is secret:
-- a partial sum would reveal nothing and mean nothing.
with newest as (
    select
        f.table_code, f.region_code, f.wz_revision, f.wz_code, f.period_start, f.value, f.value_status_code,
        f.snapshot_id,
        row_number() over (
            partition by f.table_code, f.region_code, f.wz_revision, f.wz_code, f.period_start
            -- The delivery in force first: a newer vintage that was taken back must not win over it.
            order by case when s.is_latest_vintage then 0 else 1 end, f.vintage_id desc, f.snapshot_id desc
        ) as vintage_rank
    from {{ ref('fct_regional_statistic') }} as f
    inner join {{ ref('int_meta__snapshot') }} as s on f.snapshot_id = s.snapshot_id
    where
        f.indicator_code = 'employees_svb'
        and f.characteristic_code = 'TOTAL'
        and f.wz_revision <> 'none'
        and (not f.is_aggregate or f.wz_code = 'TOTAL')
),

cell as (
    select
        n.table_code, n.region_code, n.wz_revision, n.wz_code, n.period_start, n.value, n.value_status_code,
        n.snapshot_id
    from newest as n
    inner join {{ ref('dim_region') }} as r on n.region_code = r.region_code
    where n.vintage_rank = 1 and r.region_level_code in ('country', 'state', 'district')
),

-- Every industry and date of a table, so that a member without a row counts as missing and not as zero.
slice as (
    select distinct table_code, wz_revision, wz_code, period_start from cell
),

member_cell as (
    select
        g.group_region_code, s.table_code, s.wz_revision, s.wz_code, s.period_start,
        c.value, coalesce(c.value_status_code, 'not_available') as value_status_code, c.snapshot_id
    from {{ ref('bridge_region_group') }} as g
    cross join slice as s
    left join cell as c
        on
            g.member_region_code = c.region_code and s.table_code = c.table_code and s.wz_revision = c.wz_revision
            and s.wz_code = c.wz_code and s.period_start = c.period_start
    -- Groups of municipalities cannot be summed from figures by Kreis.
    where g.group_region_code not in (
        select b.group_region_code
        from {{ ref('bridge_region_group') }} as b
        inner join {{ ref('dim_region') }} as r on b.member_region_code = r.region_code
        where r.region_level_code <> 'district'
    )
),

grouped as (
    select
        table_code, group_region_code as region_code, wz_revision, wz_code, period_start,
        case when count(*) = count(value) then sum(value) end as value,
        case
            when count(*) = count(value) then 'ok'
            when max(case when value_status_code = 'secret' then 1 else 0 end) = 1 then 'secret'
            else 'not_available'
        end as value_status_code,
        max(snapshot_id) as snapshot_id
    from member_cell
    group by table_code, group_region_code, wz_revision, wz_code, period_start
    -- A table that knows no member at all says nothing about the group.
    having count(snapshot_id) > 0
)

select table_code, region_code, wz_revision, wz_code, period_start, value, value_status_code, snapshot_id from cell
union all
select table_code, region_code, wz_revision, wz_code, period_start, value, value_status_code, snapshot_id from grouped
