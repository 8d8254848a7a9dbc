-- Grain: one row per country or kept pseudo code and period of validity.
-- Why: every code a trade fact carries resolves here: ISO 3166-1, areas without a country, the world, the EU.
-- A member state has one row before and one after its accession, so that "was it a member then" is a join.
with iso as (
    select
        c.iso2_code,
        c.iso3_code,
        c.country_name_de,
        c.country_name_en,
        row_number() over (partition by c.iso2_code order by s.retrieved_at desc, s.snapshot_id) as list_rank
    from {{ ref('stg_country__country') }} as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id
),

place as (
    select iso2_code as country_code, iso3_code, country_name_de, country_name_en
    from iso
    where list_rank = 1
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
