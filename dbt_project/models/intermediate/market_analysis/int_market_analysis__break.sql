-- Grain: line of figures x reporter x year x partner (NULL: all) x edition (NULL: no change of edition): years whose
-- growth rates cross a dated break.
-- Why: the mart states growth over one and over five years, so a break counts for the year it falls in and the four after.
select distinct
    b.source_id,
    b.reporter_code,
    b.year + window_year.years_after as year,
    b.partner_code,
    b.edition_code
from {{ ref('int_trade__dated_break') }} as b
cross join (
    select 0 as years_after
    union all
    select 1
    union all
    select 2
    union all
    select 3
    union all
    select 4
) as window_year
