{{ config(
    severity='warn',
    meta={
        'rule_id': 'TRD-012',
        'needs': "mart_market_analysis where snapshot_id in (select snapshot_id from int_meta__snapshot where source_id in ('comext', 'comtrade'))"
    }
) }}
-- A growth rate over a dated break without its flag reads as growth. Judged from the list of breaks and the mart alone.
select m.reporter_geo_code, m.flow_code, m.hs6_code, m.partner_iso2_code, m.year, b.break_code
from {{ ref('mart_market_analysis') }} as m
inner join {{ ref('int_meta__snapshot') }} as s on m.snapshot_id = s.snapshot_id
inner join {{ ref('int_trade__dated_break') }} as b
    on
        s.source_id = b.source_id and m.reporter_geo_code = b.reporter_code
        and m.year >= b.year and m.year < b.year + 5
        and (b.partner_code is null or b.partner_code = m.partner_iso2_code)
left join {{ ref('int_market_analysis__unchanged') }} as u
    on m.hs6_code = u.hs6_code and b.edition_code = u.classification_code and u.other_classification_code < b.edition_code
where not m.is_series_break and (b.edition_code is null or u.hs6_code is null)
