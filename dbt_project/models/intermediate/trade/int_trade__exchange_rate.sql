-- Grain: one row per year with a rate.
-- Why: the seed is the floor, so that amounts in euro need no fetch; a rate fetched from the ECB wins where there is one.
with fetched as (
    select
        r.year,
        r.units_per_eur as usd_per_eur,
        row_number() over (partition by r.year order by s.vintage_id desc, r.snapshot_id desc) as rate_rank
    from {{ ref('stg_ecb__exchange_rate') }} as r
    inner join {{ ref('int_meta__snapshot') }} as s on r.snapshot_id = s.snapshot_id
    where
        s.is_latest_vintage and r.frequency_code = 'A' and r.currency_code = 'USD' and r.units_per_eur is not null
),

newest as (
    select year, usd_per_eur from fetched where rate_rank = 1
)

select
    coalesce(f.year, k.year) as year,
    coalesce(f.usd_per_eur, k.usd_per_eur) as usd_per_eur,
    case when f.year is not null then 'ecb' else 'seed' end as rate_source_code
from newest as f
full outer join {{ ref('exchange_rate_eur_usd') }} as k on f.year = k.year
