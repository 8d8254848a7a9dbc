-- Grain: one row per importer, classification, product and year. Levels stand side by side: never sum over them.
-- Why: the EU's three core dependency indicators (SWD(2021) 352). Shares come from dollars as reported, so that
-- they exist where no exchange rate is known; amounts are in euro. What cannot be computed is NULL with a reason.
with origin as (
    select
        importer_code, classification_code, product_code, year, origin_code, is_extra_eu, value_usd, value_eur,
        snapshot_id,
        row_number() over (
            partition by importer_code, classification_code, product_code, year, is_extra_eu
            order by value_usd desc, origin_code
        ) as origin_rank
    from {{ ref('int_trade__import_origin') }}
    where value_usd > 0
),

imports as (
    select
        importer_code, classification_code, product_code, year,
        sum(value_usd) as import_usd,
        sum(value_eur) as import_eur,
        sum(case when is_extra_eu then value_usd else 0 end) as extra_usd,
        -- Nothing from outside is zero euro; something from outside without a rate is unknown.
        case
            when sum(case when is_extra_eu then 1 else 0 end) = 0 then 0
            else sum(case when is_extra_eu then value_eur end)
        end as extra_eur,
        sum(case when is_extra_eu then value_usd * value_usd else 0 end) as extra_usd_squared,
        max(case when is_extra_eu and origin_rank = 1 then origin_code end) as top_origin_code
    from origin
    group by importer_code, classification_code, product_code, year
),

-- The newest snapshot by retrieval, not by name: one per classification and year is enough, partitions are years.
provenance as (
    select o.classification_code, o.year, max_by(o.snapshot_id, s.retrieved_at) as snapshot_id
    from (select distinct classification_code, year, snapshot_id from origin) as o
    inner join {{ ref('int_meta__snapshot') }} as s on o.snapshot_id = s.snapshot_id
    group by o.classification_code, o.year
),

export_year as (
    select distinct classification_code, year from {{ ref('int_trade__eu_export') }}
),

measured as (
    select
        i.importer_code, i.classification_code, i.product_code, i.year,
        i.import_eur, i.extra_eur, i.top_origin_code, p.snapshot_id,
        y.year is not null as has_exports,
        case when y.year is not null and e.value_usd is null then 0 else e.value_eur end as export_eur,
        case when y.year is not null then coalesce(e.value_usd, 0) end as export_usd,
        i.extra_usd,
        -- In euro only: without a rate it is unknown whether the floor is reached, and the definitions alone decide.
        i.import_eur < {{ var('import_dependency_floor_eur') }} as is_below_floor,
        {{ safe_divide('i.extra_usd_squared', 'i.extra_usd * i.extra_usd') }} as origin_hhi,
        {{ safe_divide('i.extra_usd', 'i.import_usd') }} as extra_share
    from imports as i
    left join export_year as y on i.classification_code = y.classification_code and i.year = y.year
    left join {{ ref('int_trade__eu_export') }} as e
        on i.classification_code = e.classification_code and i.product_code = e.product_code and i.year = e.year
    left join provenance as p on i.classification_code = p.classification_code and i.year = p.year
),

flagged as (
    select
        *,
        {{ safe_divide('extra_usd', 'export_usd') }} as ratio,
        origin_hhi > {{ var('import_dependency_cdi1') }} as is_cdi1,
        extra_share > {{ var('import_dependency_cdi2') }} as is_cdi2,
        -- No exports at all, or fewer than imports: the condition is met. Exports not loaded: unknown.
        case when has_exports then extra_usd > {{ var('import_dependency_cdi3') }} * export_usd end as is_cdi3
    from measured
),

judged as (
    select
        *,
        case
            when extra_usd = 0 or coalesce(is_below_floor, false) then false
            else is_cdi1 and is_cdi2 and is_cdi3
        end as is_dependent
    from flagged
)

select
    importer_code,
    classification_code,
    product_code,
    year,
    cast(import_eur as double) as import_value_eur,
    cast(extra_eur as double) as extra_eu_import_value_eur,
    cast(export_eur as double) as eu_export_value_eur,
    cast(origin_hhi as double) as origin_hhi,
    cast(extra_share as double) as extra_eu_import_share,
    cast(ratio as double) as imports_to_exports_ratio,
    is_cdi1,
    is_cdi2,
    is_cdi3,
    is_dependent,
    case
        when extra_usd = 0 then 'no_extra_eu_imports'
        when is_below_floor then 'below_value_floor'
        when not has_exports then 'exports_not_loaded'
        when is_below_floor is null then 'no_exchange_rate'
        when export_usd = 0 then 'no_exports'
        else 'ok'
    end as reason_code,
    case when has_exports then cast(sum(case when is_dependent then 1 else 0 end) over (
        partition by importer_code, classification_code, product_code order by year
        rows between unbounded preceding and current row
    ) as integer) end as years_flagged_count,
    top_origin_code,
    snapshot_id
from judged
