-- Grain: one row per address of a company record (a survey response, a register entry, a LEI, a listed company).
-- Why: the municipality is found in one way for every source. A readable postcode decides (bulk-recipient codes
-- included), the town only where there is none: many towns share a name with one of the region. A postcode of several
-- municipalities needs the town to choose among them; without it the place is in the region, with its Kreis where all
-- of them lie in one. A readable postcode that is not the region's means outside, unless the source states a Kreis.
{% set fold -%}
trim(regexp_replace(
            regexp_replace(
                replace(replace(replace(replace(lower(COLUMN), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'),
                '[(,/].*$', ''
            ), '^ *(d-)?[0-9]+', ''
        ))
{%- endset %}
{#- What stands in brackets behind a name tells namesakes apart. -#}
{% set qualifier -%}
nullif(trim(regexp_extract(lower(COLUMN), '[(]([^)]*)', 1)), '')
{%- endset %}
{% set five_digits -%}
nullif(regexp_extract(COLUMN, '(^|[^0-9])([0-9]{5})([^0-9]|$)', 2), '')
{%- endset %}
with address as (
    select
        source_id,
        wave_id || ':' || response_id as record_id,
        postcode_text,
        town_text,
        cast(null as varchar) as given_kreis_ags
    from {{ ref('int_survey__scalar') }}
    union all
    select source_id, record_id, postcode, town, kreis_ags
    from {{ ref('int_company__register_record') }}
),

folded as (
    select
        source_id,
        record_id,
        given_kreis_ags,
        coalesce(
            {{ five_digits | replace('COLUMN', 'postcode_text') }},
            {{ five_digits | replace('COLUMN', 'town_text') }}
        ) as postcode,
        {{ fold | replace('COLUMN', 'town_text') }} as town_key,
        {{ qualifier | replace('COLUMN', 'town_text') }} as town_qualifier
    from address
),

municipality as (
    select
        ags, kreis_ags,
        {{ fold | replace('COLUMN', 'region_name') }} as town_key,
        {{ qualifier | replace('COLUMN', 'region_name') }} as town_qualifier
    from {{ ref('stg_region__unit') }}
    where region_level_code = 'municipality' and is_in_region
),

-- A town name two municipalities share decides nothing.
town as (
    select town_key, max(ags) as ags, max(town_qualifier) as town_qualifier
    from municipality
    group by town_key
    having count(*) = 1
),

-- A Kreis need not have municipalities below it; its postcodes then carry the key of the Kreis.
kreis as (
    select distinct kreis_ags
    from {{ ref('stg_region__unit') }}
    where region_level_code = 'district' and is_in_region
),

by_postcode as (
    select
        p.postcode,
        count(distinct m.ags) as municipality_count,
        max(m.ags) as ags,
        case when count(distinct p.kreis_ags) = 1 then max(p.kreis_ags) end as kreis_ags,
        count(*) = count(k.kreis_ags) as is_in_region
    from {{ ref('stg_region__postcode') }} as p
    left join municipality as m on p.ags = m.ags
    left join kreis as k on p.kreis_ags = k.kreis_ags
    group by p.postcode
),

found as (
    select
        folded.source_id,
        folded.record_id,
        folded.postcode,
        folded.given_kreis_ags,
        town.ags as town_ags,
        by_postcode.municipality_count,
        by_postcode.is_in_region as is_postcode_in_region,
        by_postcode.kreis_ags as postcode_kreis_ags,
        case by_postcode.municipality_count when 1 then by_postcode.ags else named.ags end as postcode_ags
    from folded
    left join by_postcode on folded.postcode = by_postcode.postcode
    left join town
        on
            folded.town_key = town.town_key
            and coalesce(folded.town_qualifier, town.town_qualifier, '')
            = coalesce(town.town_qualifier, folded.town_qualifier, '')
    left join (select distinct postcode, ags from {{ ref('stg_region__postcode') }}) as named
        on folded.postcode = named.postcode and town.ags = named.ags
),

resolved as (
    select
        source_id,
        record_id,
        postcode,
        case when postcode is null then town_ags else postcode_ags end as ags,
        coalesce(postcode_kreis_ags, given_kreis_ags) as open_kreis_ags,
        coalesce(is_postcode_in_region, false) as is_postcode_in_region,
        case
            when municipality_count = 1 then 'postcode'
            when postcode_ags is not null then 'postcode_and_town'
            when municipality_count <> 1 and coalesce(postcode_kreis_ags, given_kreis_ags) is not null
                then 'municipality_open'
            when municipality_count <> 1 then 'kreis_open'
            when postcode is null and town_ags is not null then 'town'
            when given_kreis_ags is not null then 'kreis'
            when postcode is not null then 'outside'
            else 'unknown'
        end as place_method_code,
        case
            when municipality_count is not null and town_ags is not null then coalesce(postcode_ags = town_ags, false)
        end as is_place_consistent
    from found
)

select
    resolved.source_id,
    resolved.record_id,
    resolved.postcode,
    resolved.ags,
    coalesce(municipality.kreis_ags, resolved.open_kreis_ags) as kreis_ags,
    municipality.ags is not null
    or (resolved.ags is null and (resolved.is_postcode_in_region or kreis.kreis_ags is not null)) as is_in_region,
    resolved.place_method_code,
    resolved.is_place_consistent
from resolved
left join municipality on resolved.ags = municipality.ags
left join kreis on resolved.open_kreis_ags = kreis.kreis_ags
