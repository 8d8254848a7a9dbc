-- Grain: one row per Kreis ('TOTAL' for the region) and WZ division ('TOTAL' stands for section C).
-- Why: what the survey's headcount is compared with. A division is taken as published or added up from its groups;
-- a secret or missing group makes the sum unknown, because a sum without it would overstate the coverage.
with figure as (
    select
        case when employment.region_code = {{ setting('region_code') }} then 'TOTAL' else employment.region_code end
            as kreis_ags,
        case when employment.wz_code = 'C' then 'TOTAL' else substr(employment.wz_code, 1, 2) end as wz2_code,
        employment.wz_code,
        length(replace(employment.wz_code, '.', '')) as code_length,
        employment.table_code,
        employment.period_start,
        employment.value as employees_count
    from {{ ref('int_industry__employment') }} as employment
    where
        employment.wz_revision = 'WZ2008'
        and (employment.wz_code = 'C' or {{ matches("employment.wz_code", "[0-9]{2}([.]?[0-9])?") }})
),

place as (
    select distinct kreis_ags from {{ ref('stg_region__unit') }} where is_in_region
    union all
    select 'TOTAL'
),

-- How many codes of one length the table knows in a division, so that one without a row counts as missing.
known_code as (
    select table_code, wz2_code, code_length, count(distinct wz_code) as code_count
    from figure
    group by table_code, wz2_code, code_length
),

summed as (
    select
        figure.kreis_ags,
        figure.wz2_code,
        figure.period_start,
        figure.table_code,
        figure.code_length,
        sum(figure.employees_count) as employees_count
    from figure
    inner join place on figure.kreis_ags = place.kreis_ags
    inner join known_code
        on figure.table_code = known_code.table_code
        and figure.wz2_code = known_code.wz2_code
        and figure.code_length = known_code.code_length
    group by
        figure.kreis_ags, figure.wz2_code, figure.period_start, figure.table_code, figure.code_length,
        known_code.code_count
    having count(figure.employees_count) = known_code.code_count
)

select
    kreis_ags,
    wz2_code,
    cast(period_start as date) as period_start,
    table_code,
    cast(employees_count as double) as employees_count
from (
    select
        summed.*,
        row_number() over (
            partition by kreis_ags, wz2_code
            order by period_start desc, code_length, table_code
        ) as choice_rank
    from summed
) as ordered
where choice_rank = 1
