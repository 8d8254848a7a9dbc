{{ config(
    severity='warn',
    meta={
        'rule_id': 'TRD-012',
        'needs': "int_trade__chapter where source_id in ('comext', 'comtrade') and (has_series_break or previous_value is not null)"
    }
) }}
-- A comparison over a break without its flag reads as growth. Four ways to miss one: an edition of the Harmonized
-- System comes into force inside a loaded series and no break is dated; a dated break is not in the fact; a break
-- lies inside a year; two years of the Combined Nomenclature stand one after the other and no list says which of
-- their codes changed n:m.
with loaded as (
    select
        source_id, reporter_code, cast(extract(year from period_start) as integer) as year,
        max(case when has_series_break then 1 else 0 end) as flagged
    from {{ ref('int_trade__chapter') }}
    where source_id in ('comext', 'comtrade')
    group by source_id, reporter_code, extract(year from period_start)
),

followed as (
    select l.*
    from loaded as l
    inner join loaded as b
        on l.source_id = b.source_id and l.reporter_code = b.reporter_code and l.year = b.year + 1
),

concorded as (
    select distinct scheme_from, scheme_to
    from {{ ref('int_classification__bridge') }}
    where scheme_from like 'CN%' and scheme_to like 'CN%'
)

select 'edition_not_dated' as finding_code, f.source_id, f.reporter_code, f.year
from followed as f
inner join {{ ref('hs_edition') }} as e on f.year = e.valid_from_year
left join {{ ref('int_trade__series_break') }} as b
    on f.source_id = b.source_id and f.reporter_code = b.reporter_code and f.year = b.year and b.partner_code is null
where b.year is null
union all
select 'flag_not_set', l.source_id, l.reporter_code, l.year
from loaded as l
inner join {{ ref('int_trade__series_break') }} as b
    on l.source_id = b.source_id and l.reporter_code = b.reporter_code and l.year = b.year and b.partner_code is null
where l.flagged = 0
union all
select 'not_a_first_of_january', source_id, reporter_code, cast(extract(year from break_date) as integer)
from {{ ref('trade_break') }}
where extract(doy from break_date) <> 1
union all
select distinct 'changed_codes_unknown', f.source_id, 'ALL', f.year
from followed as f
left join concorded as c
    on
        c.scheme_from = 'CN' || cast(f.year - 1 as {{ dbt.type_string() }})
        and c.scheme_to = 'CN' || cast(f.year as {{ dbt.type_string() }})
where f.source_id = 'comext' and c.scheme_from is null
