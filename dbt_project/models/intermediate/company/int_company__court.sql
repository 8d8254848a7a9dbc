-- Grain: one current company with a register court whose place is known.
-- Why: which court keeps the register of a municipality is a fact with dates; a court that never did at a time the
-- company is known is a wrong place, a moved company or a wrong court. Looked at, never rejected: a company may have
-- moved without its entry. A historic court counts as the one that took its register over.
with company as (
    select
        c.company_id,
        c.register_court_code as court_code,
        coalesce(l.successor_court_code, c.register_court_code) as keeping_court_code,
        coalesce(c.ags, c.kreis_ags) as place_ags,
        cast(c.valid_from as date) as known_from
    from {{ ref('dim_company') }} as c
    left join {{ ref('register_court') }} as l on c.register_court_code = l.court_code and l.is_historic
    where c.is_current and c.register_court_code is not null
),

-- The newest day a company may be judged by is that of the run.
today as (
    select cast(max(started_at) as date) as run_date from {{ ref('stg_meta__run') }}
)

select
    company.company_id,
    company.court_code,
    company.place_ags,
    {{ dbt.listagg('distinct court.court_code', "', '", 'order by court.court_code') }} as expected_court_code,
    max(case when court.court_code in (company.court_code, company.keeping_court_code) then 1 else 0 end) = 1
        as is_court_plausible
from company
cross join today
-- A city without municipalities below it has its court under the key of the Kreis.
inner join {{ ref('stg_region__court') }} as court
    on
        court.ags in (company.place_ags, substr(company.place_ags, 1, 5))
        and coalesce(court.valid_from, today.run_date) <= today.run_date
        and coalesce(court.valid_to, today.run_date) >= company.known_from
group by company.company_id, company.court_code, company.place_ags
