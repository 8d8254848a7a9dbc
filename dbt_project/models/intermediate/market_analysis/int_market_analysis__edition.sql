-- Grain: year x HS edition of the reporter's figures x HS6 code: the edition of the world trade data to hold beside it.
-- Why: a code means another product in another edition. The same edition always fits; another one only where the list of
-- changes says that the code stayed as it was. Of those that fit, one that reaches five years back, so that growth is known.
with wanted as (
    select distinct f.year, l.hs_revision, f.hs6_code
    from {{ ref('int_market_analysis__flow') }} as f
    inner join {{ ref('int_market_analysis__line') }} as l
        on
            f.line_code = l.line_code and f.reporter_code = l.reporter_code and f.flow_code = l.flow_code
            and f.year = l.year
),

loaded as (
    select distinct classification_code, year from {{ ref('int_trade__world_import') }}
),

fitting as (
    select
        w.year, w.hs_revision, w.hs6_code, o.classification_code,
        row_number() over (
            partition by w.year, w.hs_revision, w.hs6_code
            order by
                case when past.year is null then 1 else 0 end,
                case when o.classification_code = w.hs_revision then 0 else 1 end,
                o.classification_code desc
        ) as choice
    from wanted as w
    inner join loaded as o on w.year = o.year
    left join loaded as past on o.classification_code = past.classification_code and o.year - 5 = past.year
    left join {{ ref('int_market_analysis__unchanged') }} as u
        on
            w.hs6_code = u.hs6_code and w.hs_revision = u.classification_code
            and o.classification_code = u.other_classification_code
    where o.classification_code = w.hs_revision or u.hs6_code is not null
)

select year, hs_revision, hs6_code, classification_code as world_edition_code
from fitting
where choice = 1
