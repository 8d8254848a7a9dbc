-- Grain: one code of one code system ('iso2', 'iso3', 'baci') with the country code used here.
-- Why: four sources spell countries in four ways; facts join this once and carry ISO 3166-1 alpha-2 after it.
with iso as (
    select c.iso2_code, c.iso3_code, c.numeric_code
    from {{ ref('stg_country__country') }} as c
    inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

named as (
    select 'iso2' as code_system, iso2_code as source_code, iso2_code as country_code, 2 as priority
    from iso
    union all
    select 'iso3', iso3_code, iso2_code, 2 from iso
    union all
    select 'numeric', numeric_code, iso2_code, 2 from iso
    union all
    select
        code_system,
        case when code_system = 'numeric' then lpad(source_code, 3, '0') else source_code end,
        country_code,
        1
    from {{ ref('country_pseudo_codes') }}
),

code as (
    select code_system, source_code, country_code
    from (
        select
            code_system, source_code, country_code,
            row_number() over (partition by code_system, source_code order by priority) as choice
        from named
    ) as ranked
    where choice = 1
),

baci as (
    select b.country_baci_code, b.country_iso2_code, b.country_iso3_code
    from {{ ref('stg_baci__country') }} as b
    inner join {{ ref('int_meta__snapshot') }} as s on b.snapshot_id = s.snapshot_id and s.is_latest_vintage
)

select code_system, source_code, country_code
from code
where code_system in ('iso2', 'iso3')
union all
-- BACI's own list first by alpha-2, then by alpha-3, then by number: pseudo areas have no alpha-2.
select
    'baci',
    b.country_baci_code,
    coalesce(by_iso2.country_code, by_iso3.country_code, by_number.country_code, b.country_iso3_code)
from baci as b
left join code as by_iso2 on by_iso2.code_system = 'iso2' and by_iso2.source_code = b.country_iso2_code
left join code as by_iso3 on by_iso3.code_system = 'iso3' and by_iso3.source_code = b.country_iso3_code
left join code as by_number
    on by_number.code_system = 'numeric' and by_number.source_code = lpad(b.country_baci_code, 3, '0')
