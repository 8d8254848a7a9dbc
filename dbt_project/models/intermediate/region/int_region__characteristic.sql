-- Grain: one raw characteristic code of the statistics with the code used here.
-- Why: tables order their dimensions differently; here each pair is translated and the pairs are sorted by name.
-- A month arrives as one more dimension and leaves as a number, because it belongs to the period.
with raw as (
    select distinct characteristic_raw_code
    from {{ ref('stg_genesis__cell') }}
    where characteristic_raw_code <> 'TOTAL'
),

part as (
    {%- for position in range(1, 7) %}
    select characteristic_raw_code, split_part(characteristic_raw_code, '|', {{ position }}) as raw_pair from raw
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

translated as (
    select
        p.characteristic_raw_code,
        case
            when p.raw_pair not like 'MONAT=%' then coalesce(c.characteristic, lower(p.raw_pair))
        end as characteristic,
        case when p.raw_pair like 'MONAT=%' then
            {{ dbt.safe_cast("right(p.raw_pair, 2)", dbt.type_int()) }}
        end as month_number
    from part as p
    left join {{ ref('genesis_characteristic') }} as c on p.raw_pair = c.raw_pair
    where p.raw_pair <> ''
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
