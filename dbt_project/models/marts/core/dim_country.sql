-- Grain: one row per country or kept pseudo code and period of validity.
-- Why: every code a trade fact carries resolves here: ISO 3166-1, areas without a country, the world, the EU.
-- `is_eu27` is membership of EU27_2020, Eurostat's composition of the 27 states since 2020: one of them has a row
-- before its accession and one from then on; a state that left the EU was never in this composition.
with place as (
    select c.iso2_code as country_code, c.iso3_code, c.country_name_de, c.country_name_en
    from {{ ref('stg_country__country') }} as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id and s.is_latest_vintage
    union all
    select
        country_code,
        case when code_system = 'iso3' and length(source_code) = 3 then source_code end,
        name_de,
        name_en
    from {{ ref('country_pseudo_codes') }}
    where meaning_code <> 'code_fix'
),

member as (
    select country_code, cast(valid_from as date) as joined_on
    from {{ ref('eu_membership') }}
    where valid_to is null
),

version as (
    select p.country_code, p.iso3_code, p.country_name_de, p.country_name_en, false as is_eu27,
        date '1900-01-01' as valid_from,
        cast({{ dbt.dateadd('day', -1, 'm.joined_on') }} as date) as valid_to
    from place as p
    left join member as m on p.country_code = m.country_code
    union all
    select p.country_code, p.iso3_code, p.country_name_de, p.country_name_en, true, m.joined_on, null
    from place as p
    inner join member as m on p.country_code = m.country_code
)

select
    country_code,
    iso3_code,
    country_name_de,
    country_name_en,
    is_eu27,
    valid_from,
    valid_to
from version
