-- Grain: source x reporter x year with a dated break x partner (NULL where trade with all of them breaks).
-- Why: a series that breaks looks like growth. The list of breaks is data; facts join it by year, so the flag holds
-- as long as a comparison with the year before crosses the break. Breaks lie on a 1 January (a test holds that).
with reporter as (
    select distinct country_code
    from {{ ref('int_trade__country_code') }}
    where code_system = 'iso2'
)

select distinct
    b.source_id,
    r.country_code as reporter_code,
    cast(extract(year from b.break_date) as integer) as year,
    m.country_code as partner_code
from {{ ref('trade_break') }} as b
inner join reporter as r on b.reporter_code is null or b.reporter_code = r.country_code
left join {{ ref('eu_membership') }} as m
    on
        b.is_intra_eu_only and m.valid_from <= b.break_date
        and (m.valid_to is null or m.valid_to >= b.break_date)
