-- Grain: the one edition of the Harmonized System that targets are measured in, with its newest year; no row without
-- world trade.
-- Why: world trade may be loaded in several editions, and a code means another product in another, so one is chosen: the
-- edition of the newest year that also reaches five years back, so that growth is known; else the newest edition.
with edition_year as (
    select distinct classification_code, year from {{ ref('int_trade__world_import') }}
),

ranked as (
    select
        e.classification_code,
        e.year,
        row_number() over (
            order by e.year desc, case when b.year is null then 1 else 0 end, e.classification_code desc
        ) as choice
    from edition_year as e
    left join edition_year as b on e.classification_code = b.classification_code and e.year - 5 = b.year
)

select classification_code, year as newest_year
from ranked
where choice = 1
