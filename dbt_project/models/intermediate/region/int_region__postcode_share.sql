-- Grain: one postcode and one municipality, Kreis, or nothing known.
-- Why: a postcode is no key of a municipality. What can be said of every postcode of the country is how many of its listed
-- places are in which municipality: a share of places, not of inhabitants or companies, and equal for a hamlet and a town.
-- A place is a municipality of its Kreis where their names agree (without what stands in brackets or behind a comma), or
-- where the Kreis is one municipality; parts of municipalities carry names of their own and are known by Kreis only.
{% set fold -%}
nullif(trim(regexp_replace(
            replace(replace(replace(replace(lower(COLUMN), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'), '[(,/].*$', ''
        )), '')
{%- endset %}
with place as (
    select distinct
        p.postcode, p.postcode_type_code, p.place_name, p.kreis_ags, {{ fold | replace('COLUMN', 'p.place_name') }} as name_key
    from {{ ref('stg_geonames_postcode__place') }} as p
    inner join {{ ref('int_meta__snapshot') }} as s on p.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

-- Bulk recipients weigh only where a postcode has nobody else.
counted as (
    select
        *,
        max(case when postcode_type_code = 'delivery' then 1 else 0 end) over (partition by postcode) as has_delivery
    from place
),

municipality as (
    select g.ags, substr(g.ags, 1, 5) as kreis_ags, {{ fold | replace('COLUMN', 'g.unit_name') }} as name_key
    from {{ ref('stg_gemeindeverzeichnis__unit') }} as g
    inner join {{ ref('int_meta__snapshot') }} as s on g.snapshot_id = s.snapshot_id and s.is_latest_vintage
    where g.record_type_code = '60'
),

-- A name two municipalities of a Kreis share decides nothing.
named as (
    select kreis_ags, name_key, max(ags) as ags
    from municipality
    group by kreis_ags, name_key
    having count(distinct ags) = 1
),

alone as (
    select kreis_ags, max(ags) as ags
    from municipality
    group by kreis_ags
    having count(distinct ags) = 1
),

found as (
    select
        c.postcode,
        c.postcode_type_code,
        c.kreis_ags,
        coalesce(alone.ags, case when c.postcode_type_code = 'delivery' then named.ags end) as ags
    from counted as c
    left join alone on c.kreis_ags = alone.kreis_ags
    left join named on c.kreis_ags = named.kreis_ags and c.name_key = named.name_key
    where c.postcode_type_code = 'delivery' or c.has_delivery = 0
)

select
    postcode,
    postcode_type_code,
    coalesce(ags, kreis_ags, 'unknown') as area_code,
    kreis_ags,
    ags,
    cast(count(*) as integer) as place_count,
    cast(count(*) as double) / sum(count(*)) over (partition by postcode) as share
from found
group by postcode, postcode_type_code, kreis_ags, ags
