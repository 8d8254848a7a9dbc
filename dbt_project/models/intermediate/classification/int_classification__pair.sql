-- Grain: one code and one code it corresponds to, in either direction.
-- Why: which pairs count is judged here. Lists that also pair headings would count twice, so only the lowest level of
-- the second code counts. A list published one way is turned round for the other; a mark given in one direction holds
-- for the same pair in the other. Three correspondences need no list of their own: a CN code begins with the HS code
-- of the edition in force in its year; what the UN's conversion of editions leaves out, the CN list of the two years
-- knows; the classes of WZ 2008 are those of NACE Rev. 2.
with in_force as (
    select
        p.scheme_from, p.code_from, p.level_from, p.scheme_to, p.code_to, p.level_to, p.is_partial,
        max(p.level_to) over (partition by p.scheme_from, p.scheme_to) as lowest_level_to
    from {{ ref('stg_correspondence__pair') }} as p
    inner join {{ ref('int_meta__snapshot') }} as s on p.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

cn_year as (
    -- The year is cast only where the scheme is a CN; elsewhere it has none.
    select distinct scheme, case when scheme like 'CN%' then cast(substr(scheme, 3, 4) as integer) end as year_of_cn
    from {{ ref('int_classification__code') }}
    where scheme like 'CN%'
),

cn_edition as (
    select y.scheme, e.classification_code
    from cn_year as y
    inner join {{ ref('hs_edition') }} as e
        on y.year_of_cn >= e.valid_from_year and y.year_of_cn <= coalesce(e.valid_to_year, 9999)
),

one_way as (
    select
        scheme_from, code_from, level_from, scheme_to, code_to, level_to, is_partial, 'published' as method_code
    from in_force
    where level_to = lowest_level_to
    union all
    -- What Comext knows of years that no list of their own joins.
    select
        scheme_from, code_from, 8, scheme_to, code_to, 8, cast(null as {{ dbt.type_boolean() }}), method_code
    from {{ ref('int_classification__cn_change') }}
    union all
    select
        e.classification_code, substr(c.code, 1, 6), 6, c.scheme, c.code, c.level,
        cast(null as {{ dbt.type_boolean() }}), 'digits'
    from {{ ref('int_classification__code') }} as c
    inner join cn_edition as e on c.scheme = e.scheme
    -- Chapters 98 and 99 are statistics' own and stand in no edition of the Harmonized System.
    where c.level = 8 and substr(c.code, 1, 2) not in ('98', '99')
),

direction as (
    select distinct scheme_from, scheme_to from one_way
),

listed as (
    select scheme_from, code_from, level_from, scheme_to, code_to, level_to, is_partial, method_code
    from one_way
    union all
    select
        o.scheme_to, o.code_to, o.level_to, o.scheme_from, o.code_from, o.level_from, o.is_partial,
        case when o.method_code = 'published' then 'inverted' else o.method_code end
    from one_way as o
    left join direction as other on o.scheme_from = other.scheme_to and o.scheme_to = other.scheme_from
    where other.scheme_from is null
),

edition_by_cn as (
    select
        f.classification_code as scheme_from, substr(l.code_from, 1, 6) as code_from,
        t.classification_code as scheme_to, substr(l.code_to, 1, 6) as code_to,
        {{ any_true(['l.is_partial']) }} as is_partial
    from listed as l
    inner join cn_edition as f on l.scheme_from = f.scheme
    inner join cn_edition as t on l.scheme_to = t.scheme
    where
        f.classification_code <> t.classification_code
        and substr(l.code_from, 1, 2) not in ('98', '99') and substr(l.code_to, 1, 2) not in ('98', '99')
    group by f.classification_code, substr(l.code_from, 1, 6), t.classification_code, substr(l.code_to, 1, 6)
),

every_way as (
    select * from listed
    union all
    select c.scheme_from, c.code_from, 6, c.scheme_to, c.code_to, 6, c.is_partial, 'cn_codes'
    from edition_by_cn as c
    left join (select distinct scheme_from, code_from, scheme_to from listed) as l
        on c.scheme_from = l.scheme_from and c.code_from = l.code_from and c.scheme_to = l.scheme_to
    where l.code_from is null
    union all
    select
        n.scheme, n.code, n.level, w.scheme, w.code, w.level, cast(null as {{ dbt.type_boolean() }}), 'identity'
    from {{ ref('int_classification__code') }} as n
    inner join {{ ref('int_classification__code') }} as w on w.scheme = 'WZ2008' and n.code = w.code
    where n.scheme = 'NACE2'
)

select
    e.scheme_from, e.code_from, e.level_from, e.scheme_to, e.code_to, e.level_to,
    coalesce(e.is_partial, mirror.is_partial) as is_partial,
    e.method_code
from every_way as e
left join one_way as mirror
    on
        e.scheme_from = mirror.scheme_to and e.code_from = mirror.code_to
        and e.scheme_to = mirror.scheme_from and e.code_to = mirror.code_from
