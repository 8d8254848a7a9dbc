-- Grain: one published sum (table, indicator, region, industry, characteristic, period) with parts below it, by kind
-- of part: the regions one level down ('regions'), or the sections of a region's total ('industries').
-- Why: parts never exceed their whole, and what hidden parts leave over must fit into them. Newest vintage of each
-- cell; only indicators that are known here and counted, so that no average is added up.
{%- set key = [
    'source_id', 'table_code', 'indicator_code', 'wz_revision', 'characteristic_code', 'period_start', 'period_type_code'
] %}
{%- set f_key, c_key = 'f.' ~ key | join(', f.'), 'c.' ~ key | join(', c.') %}
with ranked as (
    select
        {{ f_key }},
        f.region_code, f.wz_code, f.value, f.value_status_code, r.region_level_code,
        case r.region_level_code
            when 'municipality' then r.kreis_ags when 'district' then s.region_code when 'state' then 'DE'
        end as parent_region_code,
        row_number() over (
            partition by {{ f_key }}, f.region_code, f.wz_code
            order by case when v.is_latest_vintage then 0 else 1 end, f.vintage_id desc, f.snapshot_id desc
        ) as vintage_rank
    from {{ ref('fct_regional_statistic') }} as f
    inner join {{ ref('int_meta__snapshot') }} as v on f.snapshot_id = v.snapshot_id
    inner join {{ ref('dim_region') }} as r on f.region_code = r.region_code
    left join {{ ref('german_states') }} as s
        on r.region_level_code = 'district' and substr(f.region_code, 1, 2) = s.ags
    where
        f.indicator_code in (
            select indicator_code from {{ ref('genesis_indicator') }}
            where unit_code in ('persons', 'count', 'EUR_thousand', 'EUR_million', 'm2_thousand')
        )
),

cell as (
    select
        *,
        -- The most a hidden cell of a region can be: all there is in the region.
        max(case when wz_code = 'TOTAL' then value end) over (
            partition by {{ key | join(', ') }}, region_code
        ) as region_total
    from ranked
    where vintage_rank = 1
),

part as (
    select
        'regions' as sum_kind_code, {{ key | join(', ') }},
        parent_region_code as region_code, wz_code, value, value_status_code, region_total
    from cell
    where parent_region_code is not null
    union all
    select
        'industries', {{ c_key }},
        c.region_code, 'TOTAL', c.value, c.value_status_code, c.region_total
    from cell as c
    inner join {{ ref('int_industry__wz') }} as w
        on c.wz_revision = w.wz_revision and c.wz_code = w.wz_code and w.wz_level = 1
),

summed as (
    select
        sum_kind_code, {{ key | join(', ') }}, region_code, wz_code,
        count(*) as part_count,
        count(case when value_status_code = 'secret' then 1 end) as secret_count,
        count(case when value is null and value_status_code <> 'secret' then 1 end) as gap_count,
        coalesce(sum(value), 0) as part_sum,
        case
            when count(case when value_status_code = 'secret' and region_total is null then 1 end) = 0
                then coalesce(sum(case when value_status_code = 'secret' then region_total end), 0)
        end as secret_capacity
    from part
    group by sum_kind_code, {{ key | join(', ') }}, region_code, wz_code
),

-- How many parts there are, where that is known: the Kreise of a Land, the Länder, the municipalities of the region.
known_part as (
    select region_code, kreis_count as known_count from {{ ref('german_states') }}
    union all
    select 'DE', count(*) from {{ ref('german_states') }}
    union all
    select kreis_ags, count(*)
    from {{ ref('stg_region__unit') }}
    where region_level_code = 'municipality' and is_in_region
    group by kreis_ags
)

select
    s.*,
    whole.region_level_code,
    whole.value,
    whole.value - s.part_sum as rest,
    -- Old Kreise stay in a table as gaps and are no parts of today's Land.
    s.sum_kind_code = 'regions' and coalesce(s.part_count - s.gap_count >= k.known_count, false) as is_complete
from summed as s
inner join cell as whole
    on
        {% for column in key + ['region_code', 'wz_code'] -%}
        {{ 'and ' if not loop.first }}s.{{ column }} = whole.{{ column }}
        {% endfor -%}
left join known_part as k on s.region_code = k.region_code
where whole.value is not null
