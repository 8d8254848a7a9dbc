-- Grain: one industry code per revision: the official list, plus totals and groups as statistics publish them.
-- Why: every industry code of a fact resolves. Statistics publish ranges of sections ('B-F') and groups of their own
-- ('31-02', 'B-18'); the list has neither, and what is in a group is not in its code. They are kept as published and
-- have no level and no part, so that nothing sums over them. A code without a dash that is not in the list is none.
-- 'none' marks tables without an industry dimension.
with listed as (
    select w.wz_revision, w.wz_code, w.wz_level, w.title_de, w.parent_wz_code
    from {{ ref('stg_wz__code') }} as w
    inner join {{ ref('int_meta__snapshot') }} as s on w.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

published_group as (
    select wz_revision, wz_code, max(wz_label) as title_de
    from {{ ref('stg_genesis__cell') }}
    where wz_code like '%-%'
    group by wz_revision, wz_code
)

select wz_revision, wz_code, wz_level, title_de, parent_wz_code, false as is_aggregate
from listed
union all
-- A cube names no labels; a group without one is called by its code.
select p.wz_revision, p.wz_code, null, coalesce(p.title_de, p.wz_code), 'TOTAL', true
from published_group as p
left join listed as l on p.wz_revision = l.wz_revision and p.wz_code = l.wz_code
where l.wz_code is null
union all
select v.wz_revision, 'TOTAL', null, 'Insgesamt', null, true
from (
    select distinct wz_revision from listed
    union
    select distinct wz_revision from {{ ref('stg_genesis__cell') }}
) as v
