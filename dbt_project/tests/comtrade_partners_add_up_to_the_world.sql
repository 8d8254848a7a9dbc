{{ config(meta={'rule_id': 'TRD-005', 'needs': 'stg_comtrade__world_total'}) }}
-- The publisher gives the sum over all partners as well; ours must be the same to a tenth of a percent.
with flow as (
    select reporter_iso3_code, product_code, flow_code, year, snapshot.partition_key, sum(value_usd) as value_usd
    from {{ ref('stg_comtrade__flow') }} as f
    inner join {{ ref('int_meta__snapshot') }} as snapshot on f.snapshot_id = snapshot.snapshot_id
    where snapshot.is_latest_vintage and f.partner_iso3_code <> 'W00'
    group by reporter_iso3_code, product_code, flow_code, year, snapshot.partition_key
),

world as (
    select reporter_iso3_code, product_code, flow_code, year, snapshot.partition_key, sum(value_usd) as value_usd
    from {{ ref('stg_comtrade__world_total') }} as w
    inner join {{ ref('int_meta__snapshot') }} as snapshot on w.snapshot_id = snapshot.snapshot_id
    where snapshot.is_latest_vintage
    group by reporter_iso3_code, product_code, flow_code, year, snapshot.partition_key
)

select
    w.reporter_iso3_code, w.product_code, w.flow_code, w.year, w.value_usd as published_usd, f.value_usd as summed_usd
from world as w
left join flow as f
    on
        w.reporter_iso3_code = f.reporter_iso3_code and w.product_code = f.product_code and w.flow_code = f.flow_code
        and w.year = f.year and w.partition_key = f.partition_key
where abs(coalesce(f.value_usd, 0) - w.value_usd) > 0.001 * w.value_usd
