-- Grain: one row per company, newest wave.
-- Why: how automotive a company is, as the middle of a band. The exact answer stops here, so that no score, reason or
-- rank computed further on can give it away.
with newest as (
    select
        company_id,
        automotive_share_pct,
        row_number() over (partition by company_id order by wave_id desc) as wave_rank
    from {{ ref('int_survey__scalar') }}
)

-- The bands are those of the questionnaire's share questions: 0, 1-10, 11-25, 26-50, 51-80, 81-100 percent.
select
    company_id,
    cast(
        case
            when automotive_share_pct is null then null
            when automotive_share_pct <= 0 then 0
            when automotive_share_pct <= 10 then 5.5
            when automotive_share_pct <= 25 then 18
            when automotive_share_pct <= 50 then 38
            when automotive_share_pct <= 80 then 65.5
            else 90.5
        end as double
    ) as automotive_band_mid_pct
from newest
where wave_rank = 1
