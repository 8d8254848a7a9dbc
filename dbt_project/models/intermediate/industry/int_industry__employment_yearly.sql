-- Grain: one table, region, industry and year: employees subject to social insurance at one date of the year.
-- Why: a year may hold several dates and several tables the same figure. Both are chosen here, and in both a figure
-- goes before a gap: a secret or missing cell of one table must not hide what another one publishes. Then the main
-- table (by Kreis and industry) decides, then the newest date. Every table stays, so that a share or a change can be
-- taken within one table.
with dated as (
    select
        table_code, region_code, wz_revision, wz_code, period_start, value, value_status_code, snapshot_id,
        cast(extract(year from period_start) as integer) as year,
        row_number() over (
            partition by table_code, region_code, wz_revision, wz_code, extract(year from period_start)
            order by case when value is null then 1 else 0 end, period_start desc
        ) as date_rank
    from {{ ref('int_industry__employment') }}
)

select
    table_code, region_code, wz_revision, wz_code, year, period_start, value, value_status_code, snapshot_id,
    row_number() over (
        partition by region_code, wz_revision, wz_code, year
        order by
            case when value is null then 1 else 0 end,
            case when table_code = '{{ var("employment_main_table") }}' then 0 else 1 end,
            period_start desc,
            table_code
    ) = 1 as is_chosen
from dated
where date_rank = 1
