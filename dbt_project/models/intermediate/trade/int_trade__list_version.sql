-- Grain: list of law (goods of the carbon border adjustment, critical raw materials).
-- Why: a flag from a list that was not yet, or is no longer, in force tells a company something wrong about the law.
-- Each list needs exactly one version that covers the day of the build.
with entry as (
    select 'cbam' as list_code, list_version, valid_from, valid_to, source
    from {{ ref('cbam_good') }}
    union all
    select 'critical_raw_material', list_version, valid_from, valid_to, source
    from {{ ref('critical_raw_material') }}
),

wanted as (
    select 'cbam' as list_code
    union all
    select 'critical_raw_material'
),

built as (
    select cast(max(started_at) as date) as built_on from {{ ref('stg_meta__run') }}
),

judged as (
    select
        e.*,
        b.built_on,
        e.list_version is null or e.valid_from is null or e.source is null as is_incomplete,
        e.valid_from <= b.built_on and (e.valid_to is null or e.valid_to >= b.built_on) as is_in_force
    from entry as e
    cross join built as b
)

select
    w.list_code,
    max(j.built_on) as built_on,
    count(distinct case when j.is_in_force then j.list_version end) as version_in_force_count,
    max(case when j.is_in_force then j.list_version end) as version_in_force,
    sum(case when j.is_in_force then 1 else 0 end) as entry_count,
    sum(case when j.is_incomplete then 1 else 0 end) as incomplete_count
from wanted as w
left join judged as j on w.list_code = j.list_code
group by w.list_code
