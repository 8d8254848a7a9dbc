{{ config(materialized='view') }}
-- Grain: one official regional figure per table, indicator, region, industry, characteristic, period and vintage.
-- Why: what a symbol means is decided here. '-' officially means "nothing present", but publishers also fill
-- slices that are not ready with it: it is a zero only where its slice (table, period, region) holds a number.
-- A view, because the fact beside it is the same rows under contract.
with cell as (
    select
        c.*,
        s.source_id, s.vintage_id, s.retrieved_at,
        count(c.value) over (
            partition by c.snapshot_id, c.table_code, c.time_value, c.region_raw_code
        ) as numbers_in_slice
    from {{ ref('stg_genesis__cell') }} as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id
),

coded as (
    select
        c.source_id,
        c.table_code,
        coalesce(i.indicator_code, lower(c.indicator_raw_code)) as indicator_code,
        r.region_code,
        c.wz_revision,
        c.wz_code,
        coalesce(w.is_aggregate, false) as is_aggregate,
        h.characteristic_code,
        cast(case
            when length(c.time_value) = 10 then c.time_value
            else
                c.time_value || '-'
                || lpad(cast(coalesce(h.month_number, 1) as {{ dbt.type_string() }}), 2, '0') || '-01'
        end as date) as period_start,
        case
            when length(c.time_value) = 10 then 'reference_date'
            when h.month_number is not null then 'month'
            else 'year'
        end as period_type_code,
        c.vintage_id,
        c.value,
        coalesce(i.unit_code, u.unit_code, lower(c.unit_label), 'unknown') as unit_code,
        case
            when c.source_symbol = '-' and c.numbers_in_slice > 0 then 'zero'
            when c.source_symbol = '-' then 'not_available'
            when c.source_symbol = '.' then 'secret'
            when c.source_symbol = '/' then 'unreliable'
            when c.source_symbol = 'x' then 'not_applicable'
            when c.source_symbol = '...' then 'pending'
            when c.source_symbol = '0' then 'rounded_zero'
            when c.value is null then 'not_available'
            -- Quality letters of the newer deliveries; 'e' says final, brackets say limited reliability.
            when c.quality_code = 'p' then 'provisional'
            when c.quality_code = 'r' then 'revised'
            when c.quality_code = 's' then 'estimated'
            when c.quality_code = '()' then 'unreliable'
            else 'ok'
        end as value_status_code,
        c.source_symbol,
        c.snapshot_id,
        c.retrieved_at
    from cell as c
    left join {{ ref('int_region__code') }} as r on c.region_raw_code = r.region_raw_code
    left join {{ ref('int_region__characteristic') }} as h on c.characteristic_raw_code = h.characteristic_raw_code
    left join {{ ref('int_industry__wz') }} as w on c.wz_revision = w.wz_revision and c.wz_code = w.wz_code
    left join {{ ref('genesis_indicator') }} as i on c.indicator_raw_code = i.indicator_raw_code
    left join {{ ref('genesis_unit') }} as u on c.unit_label = u.unit_label
)

select
    source_id, table_code, indicator_code, region_code, wz_revision, wz_code, is_aggregate, characteristic_code,
    period_start, period_type_code, vintage_id,
    case when value_status_code in ('zero', 'rounded_zero') then 0 else value end as value,
    unit_code, value_status_code, source_symbol, snapshot_id
from (
    select
        coded.*,
        -- Two files of one vintage may overlap in time (a table and its yearly slice): the newest retrieval counts.
        row_number() over (
            partition by
                source_id, table_code, indicator_code, region_code, wz_revision, wz_code, characteristic_code,
                period_start, vintage_id
            order by retrieved_at desc, snapshot_id desc
        ) as retrieval_rank
    from coded
) as ranked
where retrieval_rank = 1
