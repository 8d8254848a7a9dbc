-- Grain: one row per address of a company record (a survey response, a register entry, a LEI, a listed company).
-- Why: the municipality is found in one way for every source. A postcode of the region decides (bulk-recipient codes
-- included); where it covers several municipalities the town does; a town of the region decides where no postcode
-- does. A readable postcode that is not the region's means outside, never unknown.
{% set fold -%}
trim(regexp_replace(
            replace(replace(replace(replace(lower(COLUMN), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'),
            '[(,/].*$', ''
        ))
{%- endset %}
with address as (
    select
        'limesurvey' as source_id,
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
        nullif(regexp_extract(postcode_text, '([0-9]{5})', 1), '') as postcode,
        {{ fold | replace('COLUMN', 'town_text') }} as town_key
    from address
),

municipality as (
    select ags, kreis_ags, {{ fold | replace('COLUMN', 'region_name') }} as town_key
    from {{ ref('stg_region__unit') }}
    where region_level_code = 'municipality' and is_in_region
),

-- A town name two municipalities share decides nothing.
town as (
    select town_key, max(ags) as ags
    from municipality
    group by town_key
    having count(*) = 1
),

by_postcode as (
    select
        postcode,
        count(distinct ags) as municipality_count,
        max(ags) as ags,
        case when count(distinct kreis_ags) = 1 then max(kreis_ags) end as kreis_ags
    from {{ ref('stg_region__postcode') }}
    group by postcode
),

resolved as (
    select
        folded.source_id,
        folded.record_id,
        folded.postcode,
        coalesce(by_postcode.kreis_ags, folded.given_kreis_ags) as given_kreis_ags,
        case
            when by_postcode.municipality_count = 1 then by_postcode.ags
            when by_postcode.municipality_count > 1 then both_ways.ags
            else town.ags
        end as ags,
        case
            when by_postcode.municipality_count = 1 then 'postcode'
            when both_ways.ags is not null then 'postcode_and_town'
            when town.ags is not null then 'town'
            when coalesce(by_postcode.kreis_ags, folded.given_kreis_ags) is not null then 'kreis'
            when folded.postcode is not null then 'outside'
            else 'unknown'
        end as place_method_code,
        case when by_postcode.municipality_count = 1 and town.ags is not null then by_postcode.ags = town.ags end
            as is_place_consistent
    from folded
    left join by_postcode on folded.postcode = by_postcode.postcode
    left join town on folded.town_key = town.town_key
    left join {{ ref('stg_region__postcode') }} as both_ways
        on folded.postcode = both_ways.postcode and town.ags = both_ways.ags
)

select distinct
    resolved.source_id,
    resolved.record_id,
    resolved.postcode,
    resolved.ags,
    coalesce(municipality.kreis_ags, resolved.given_kreis_ags) as kreis_ags,
    coalesce(municipality.ags is not null or kreis.kreis_ags is not null, false) as is_in_region,
    resolved.place_method_code,
    resolved.is_place_consistent
from resolved
left join municipality on resolved.ags = municipality.ags
left join (select distinct kreis_ags from municipality) as kreis on resolved.given_kreis_ags = kreis.kreis_ags
