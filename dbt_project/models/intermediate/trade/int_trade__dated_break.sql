-- Grain: dated break x source x reporter x partner (NULL where trade with all of them breaks).
-- Why: the list of breaks says "every reporter" and "inside the union"; here each break names whom it concerns. Two readers:
-- the yearly flag of a series, and the market analysis, which asks of a new edition which codes it changed.
with reporter as (
    select distinct country_code
    from {{ ref('int_trade__country_code') }}
    where code_system = 'iso2'
)

select
    b.break_code,
    b.source_id,
    r.country_code as reporter_code,
    cast(extract(year from b.break_date) as integer) as year,
    m.country_code as partner_code,
    e.classification_code as edition_code
from {{ ref('trade_break') }} as b
inner join reporter as r on b.reporter_code is null or b.reporter_code = r.country_code
left join {{ ref('eu_membership') }} as m
    on
        b.is_intra_eu_only and m.valid_from <= b.break_date
        and (m.valid_to is null or m.valid_to >= b.break_date)
-- A break by an edition carries its year in its code; other breaks of that day are none.
left join {{ ref('hs_edition') }} as e on b.break_code = 'hs_' || cast(e.valid_from_year as {{ dbt.type_string() }})
