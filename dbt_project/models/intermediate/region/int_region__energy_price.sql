-- Grain: one series of energy prices (dataset, area, dimensions without tax and currency), period and vintage, with
-- what its figures are counted in.
-- Why: a price is a price only with its unit, its currency and the taxes in it. The publisher gives each of them as a
-- series of its own; one that disappears or changes its unit would look like a jump in prices.
with observation as (
    select
        o.dataset_code, o.geo_code, o.time_period, o.unit_code, o.dimension_key, s.vintage_id, s.is_latest_vintage
    from {{ ref('stg_eurostat__observation') }} as o
    inner join {{ ref('int_meta__snapshot') }} as s on o.snapshot_id = s.snapshot_id
    where upper(o.dataset_code) like 'NRG/_PC/_%' escape '/' and o.value is not null
),

basis as (
    select distinct
        dataset_code, geo_code, time_period, vintage_id, is_latest_vintage,
        {{ without_dimension(without_dimension('dimension_key', 'tax'), 'currency') }} as series_key,
        concat_ws(
            ' ', coalesce(unit_code, '-'), {{ dimension('dimension_key', 'currency') }},
            {{ dimension('dimension_key', 'tax') }}
        ) as basis_code
    from observation
),

period as (
    select
        dataset_code, geo_code, series_key, time_period, vintage_id, is_latest_vintage,
        {{ dbt.listagg('basis_code', "', '", 'order by basis_code') }} as basis_codes
    from basis
    group by dataset_code, geo_code, series_key, time_period, vintage_id, is_latest_vintage
),

compared as (
    select
        *,
        lag(basis_codes) over (
            partition by dataset_code, geo_code, series_key, vintage_id order by time_period
        ) as basis_codes_before,
        lag(basis_codes) over (
            partition by dataset_code, geo_code, series_key, time_period order by vintage_id
        ) as basis_codes_in_vintage_before
    from period
)

select
    dataset_code,
    geo_code,
    series_key,
    time_period,
    vintage_id,
    is_latest_vintage,
    basis_codes,
    basis_codes_before,
    basis_codes_in_vintage_before,
    basis_codes = coalesce(basis_codes_before, basis_codes)
    and basis_codes = coalesce(basis_codes_in_vintage_before, basis_codes) as is_basis_unchanged
from compared
