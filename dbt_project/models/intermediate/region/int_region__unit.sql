-- Grain: one region code with its best description.
-- Why: four places know regions. The region folder decides, then the official list of municipalities, then the
-- list of Länder, then the label a statistic delivered; attributes missing in one are taken from the next.
with municipality_list as (
    select g.ags, g.ars, g.unit_name, g.population_count, g.reference_date, g.record_type_code
    from {{ ref('stg_gemeindeverzeichnis__unit') }} as g
    inner join {{ ref('int_meta__snapshot') }} as s on g.snapshot_id = s.snapshot_id and s.is_latest_vintage
    where g.record_type_code in ('20', '40', '60') and length(g.ags) in (3, 5, 8)
),

-- The list counts people by municipality; a Kreis has as many as its municipalities.
kreis_population as (
    select substr(ags, 1, 5) as kreis_ags, sum(population_count) as population_count
    from municipality_list
    where record_type_code = '60'
    group by substr(ags, 1, 5)
),

candidate as (
    select
        1 as priority, region_code, ags, ars, region_level_code, region_name, nuts3_code, ihk_code,
        population_count, population_basis_code
    from {{ ref('stg_region__unit') }}
    union all
    select
        2, m.ags, m.ags, m.ars, null, m.unit_name, null, null,
        coalesce(m.population_count, k.population_count),
        'Gemeindeverzeichnis ' || cast(m.reference_date as {{ dbt.type_string() }})
    from municipality_list as m
    left join kreis_population as k on m.ags = k.kreis_ags
    union all
    select 3, region_code, ags, null, 'state', state_name_de, null, null, null, null
    from {{ ref('german_states') }}
    union all
    select 3, 'DE', null, null, 'country', 'Deutschland', null, null, null, null
    union all
    select
        4, region_code, case when region_code <> 'DE' then region_raw_code end, null, null, region_label, null, null,
        null, null
    from {{ ref('int_region__code') }}
    union all
    select 5, group_region_code, null, null, 'group', max(group_label_de), null, null, null, null
    from {{ ref('stg_region__group_member') }}
    group by group_region_code
),

chosen as (
    select
        region_code,
        {%- for column in [
            'ags', 'ars', 'region_level_code', 'region_name', 'nuts3_code', 'ihk_code', 'population_count'
        ] %}
        min_by({{ column }}, case when {{ column }} is not null then priority end) as {{ column }},
        {%- endfor %}
        -- A count and its basis come from the same list.
        min_by(population_basis_code, case when population_count is not null then priority end) as population_basis_code
    from candidate
    group by region_code
)

select
    region_code,
    case when coalesce(region_level_code, '') not in ('country', 'group') then ags end as ags,
    ars,
    coalesce(region_level_code, case length(region_code)
        when 2 then 'state' when 3 then 'gov_region' when 5 then 'district' else 'municipality'
    end) as region_level_code,
    region_name,
    case
        when coalesce(region_level_code, '') in ('country', 'group', 'state', 'gov_region') then null
        when length(region_code) >= 5 then substr(region_code, 1, 5)
    end as kreis_ags,
    nuts3_code,
    ihk_code,
    population_count,
    population_basis_code
from chosen
