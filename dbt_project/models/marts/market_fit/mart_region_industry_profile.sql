-- Grain: one region, industry (section, division, group; 'TOTAL') and year. Ranges as published are left out.
-- Why: where the region is specialised and how it changes. Location quotients compare with Germany in the same
-- table and year; columns without a loaded source are NULL rather than guessed.
with yearly as (
    select table_code, region_code, wz_revision, wz_code, year, value, value_status_code, snapshot_id, is_chosen
    from {{ ref('int_industry__employment_yearly') }}
),

compared as (
    select
        y.region_code, y.wz_revision, y.wz_code, y.year, y.value, y.value_status_code, y.snapshot_id,
        case when y.value >= {{ var('location_quotient_min_employees') }} then
            {{ safe_divide(safe_divide('y.value', 'region_total.value'), safe_divide('de.value', 'de_total.value')) }}
        end as location_quotient,
        100 * ({{ safe_divide('y.value', 'before.value') }} - 1) as change_5y_pct
    from yearly as y
    left join yearly as region_total
        on
            y.table_code = region_total.table_code and y.region_code = region_total.region_code
            and y.wz_revision = region_total.wz_revision and y.year = region_total.year
            and region_total.wz_code = 'TOTAL'
    left join yearly as de
        on
            y.table_code = de.table_code and y.wz_revision = de.wz_revision and y.wz_code = de.wz_code
            and y.year = de.year and de.region_code = 'DE'
    left join yearly as de_total
        on
            y.table_code = de_total.table_code and y.wz_revision = de_total.wz_revision and y.year = de_total.year
            and de_total.region_code = 'DE' and de_total.wz_code = 'TOTAL'
    left join yearly as before
        on
            y.table_code = before.table_code and y.region_code = before.region_code
            and y.wz_revision = before.wz_revision and y.wz_code = before.wz_code and y.year = before.year + 5
    where y.is_chosen
)

select
    region_code,
    wz_revision,
    wz_code,
    year,
    cast(null as integer) as establishments_count,
    'all' as threshold_code,
    cast(null as integer) as employees_count,
    cast(round(value) as integer) as employees_svb_count,
    cast(null as double) as turnover_eur,
    cast(null as double) as foreign_turnover_eur,
    cast(null as double) as export_quota_pct,
    cast(location_quotient as double) as location_quotient,
    cast(change_5y_pct as double) as employment_change_5y_pct,
    value_status_code,
    value_status_code = 'estimated' as is_estimated,
    snapshot_id
from compared
