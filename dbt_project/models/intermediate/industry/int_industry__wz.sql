-- Grain: one industry code per revision: the official list, plus totals and ranges as statistics publish them.
-- Why: every industry code of a fact resolves; ranges such as 'B-F' are kept as published and have no level, so
-- that nothing sums over them. 'none' marks tables without an industry dimension.
with listed as (
    select w.wz_revision, w.wz_code, w.wz_level, w.title_de, w.parent_wz_code
    from {{ ref('stg_wz__code') }} as w
    inner join {{ ref('int_meta__snapshot') }} as s on w.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

published_range as (
    select wz_revision, wz_code, max(wz_label) as title_de
    from {{ ref('stg_genesis__cell') }}
    where wz_code like '_-_'
    group by wz_revision, wz_code
)

select wz_revision, wz_code, wz_level, title_de, parent_wz_code, false as is_aggregate
from listed
union all
select r.wz_revision, r.wz_code, null, r.title_de, 'TOTAL', true
from published_range as r
left join listed as l on r.wz_revision = l.wz_revision and r.wz_code = l.wz_code
where l.wz_code is null
union all
select v.wz_revision, 'TOTAL', null, 'Insgesamt', null, true
from (
    select distinct wz_revision from listed
    union
    select distinct wz_revision from {{ ref('stg_genesis__cell') }}
) as v
