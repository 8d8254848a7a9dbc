-- Grain: one raw characteristic code of the statistics with the code used here.
-- Why: tables order their dimensions differently; here each pair is translated and the pairs are sorted by name.
-- A month arrives as one more dimension and leaves as a number, because it belongs to the period; a month that cannot
-- be read stays a dimension: nothing may be lost on the way, or two cells would become one.
with raw as (
    select distinct characteristic_raw_code
    from {{ ref('stg_genesis__cell') }}
    where characteristic_raw_code <> 'TOTAL'
),

part as (
    select characteristic_raw_code, {{ split_to_rows('characteristic_raw_code', '|') }} as raw_pair
    from raw
),

dated as (
    select
        characteristic_raw_code,
        raw_pair,
        case
            when {{ matches('raw_pair', 'MONAT=.*(0[1-9]|1[0-2])') }} then cast(right(raw_pair, 2) as integer)
        end as month_number
    from part
    where raw_pair <> ''
),

translated as (
    select
        d.characteristic_raw_code,
        case when d.month_number is null then coalesce(c.characteristic, lower(d.raw_pair)) end as characteristic,
        d.month_number
    from dated as d
    left join {{ ref('genesis_characteristic') }} as c on d.raw_pair = c.raw_pair
)

select
    characteristic_raw_code,
    coalesce(
        {{ dbt.listagg('characteristic', "'|'", 'order by characteristic') }},
        'TOTAL'
    ) as characteristic_code,
    max(month_number) as month_number
from translated
group by characteristic_raw_code
union all
select 'TOTAL', 'TOTAL', null
