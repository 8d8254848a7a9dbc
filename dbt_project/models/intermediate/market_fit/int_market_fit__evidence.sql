-- Grain: one figure or fact behind one market-fit score.
-- Why: a score is worth what its evidence is worth, and each piece opens: value, source, delivery, and the query that
-- returns the published rows. What was not seen (no sales there so far) is no evidence. evidence_count of the score counts
-- these rows; the method counts them from the same facts, and a test holds both against each other.
with scored as (
    select company_id, target_market_id, score_version, target_type_code, hs6_code, country_iso2_code, target_wz2008_code
    from {{ ref('int_market_fit__scored') }}
),

survey_snapshot as (
    select
        company_id,
        max(case when question_concept_id in ('PRODUCT_HS', 'PRODUCT_TEXT') then snapshot_id end) as product_snapshot_id,
        max(case when question_concept_id in ('PROC', 'PROC_LEVEL', 'MATERIAL', 'CERT', 'PROC_OTHER', 'PRODUCT_TEXT')
            then snapshot_id end) as competence_snapshot_id
    from {{ ref('int_survey__answer') }}
    where answer_status_code = 'answered'
    group by company_id
),

pair as (
    select p.product_code_a, p.product_code_b, p.proximity, p.year, e.classification_code
    from {{ ref('int_product_space__proximity') }} as p
    inner join {{ ref('int_market_fit__edition') }} as e on p.classification_code = e.classification_code
    where
        p.source_id = 'baci' and length(p.product_code_a) = 6
        and p.proximity >= cast({{ setting('proximity_floor_hs6') }} as double)
        and p.year = (
            select max(n.year)
            from {{ ref('int_product_space__proximity') }} as n
            inner join {{ ref('int_market_fit__edition') }} as ne on n.classification_code = ne.classification_code
            where n.source_id = 'baci' and length(n.product_code_a) = 6
        )
),

-- Both directions, so that the join below is on equal codes.
neighbour as (
    select product_code_a as own_code, product_code_b as other_code, pair.* from pair
    union all
    select product_code_b, product_code_a, pair.* from pair
),

market as (
    select
        m.*,
        'source_id = ''baci'' AND classification_code = ''' || m.classification_code || ''' AND is_latest_vintage AND hs6_code = '''
        || m.hs6_code || ''' AND partner_code = ''' || m.country_iso2_code || ''' AND period_start = DATE '''
        || cast(m.year as {{ dbt.type_string() }}) || '-01-01''' as condition
    from {{ ref('int_market_fit__market') }} as m
),

industry as (
    select * from {{ ref('int_market_fit__industry') }} where is_newest
),

evidence as (
    select
        s.company_id, s.target_market_id, s.score_version, 'demand' as component_code,
        'Einfuhren des Ziellandes aus allen Herkunftsländern' as statement_de,
        m.import_value_eur as value, 'EUR' as unit_code, m.year, m.snapshot_id, 'analyst' as opened_in_code,
        'SELECT * FROM marts.fct_trade_flow WHERE ' || m.condition as query_sql
    from scored as s
    inner join market as m on s.hs6_code = m.hs6_code and s.country_iso2_code = m.country_iso2_code
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'access', 'Bisherige Lieferungen des eigenen Landes in das Zielland',
        m.home_export_value_eur, 'EUR', m.year, m.snapshot_id, 'analyst',
        'SELECT * FROM marts.fct_trade_flow WHERE ' || m.condition || ' AND reporter_code = ''' || {{ setting('country_code') }} || ''''
    from scored as s
    inner join market as m on s.hs6_code = m.hs6_code and s.country_iso2_code = m.country_iso2_code
    where m.home_export_value_eur > 0
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'capability', 'Eigenes Produkt HS ' || p.hs6_code,
        1.0, 'proximity', null, a.product_snapshot_id, 'advisory',
        'SELECT main_hs4_codes FROM marts.mart_company_profile WHERE company_id = ''' || s.company_id || ''''
    from scored as s
    inner join {{ ref('int_market_fit__product') }} as p on s.company_id = p.company_id and s.hs6_code = p.hs6_code
    left join survey_snapshot as a on s.company_id = a.company_id
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'capability', 'Nähe zum eigenen Produkt HS ' || p.hs6_code,
        near.proximity, 'proximity', near.year, m.snapshot_id, 'analyst',
        'SELECT * FROM marts.mart_product_proximity WHERE classification_code = ''' || near.classification_code
        || ''' AND year = ' || cast(near.year as {{ dbt.type_string() }}) || ' AND product_code_a = ''' || near.product_code_a
        || ''' AND product_code_b = ''' || near.product_code_b || ''''
    from scored as s
    inner join {{ ref('int_market_fit__product') }} as p on s.company_id = p.company_id
    inner join neighbour as near on p.hs6_code = near.own_code and s.hs6_code = near.other_code
    inner join market as m on s.hs6_code = m.hs6_code and s.country_iso2_code = m.country_iso2_code
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'capability', 'Gefragtes Können: ' || c.competence_name_de,
        c.points, 'points', null, a.competence_snapshot_id, 'analyst',
        'SELECT * FROM marts.mart_competence_map WHERE company_id = ''' || s.company_id || ''' AND competence_id = '''
        || c.competence_id || ''''
    from scored as s
    inner join {{ ref('int_market_fit__match') }} as c
        on s.company_id = c.company_id and s.target_wz2008_code = c.target_wz2008_code
    left join survey_snapshot as a on s.company_id = a.company_id
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'demand', 'Ausfuhren der Branche, über Warencodes geschätzt',
        i.industry_export_value_eur, 'EUR', i.year, i.trade_snapshot_id, 'analyst',
        'SELECT f.*, b.weight FROM marts.fct_trade_flow AS f JOIN marts.bridge_product_industry AS b USING (classification_code, '
        || 'product_code) WHERE f.source_id = ''baci'' AND f.is_latest_vintage AND f.reporter_code = '''
        || {{ setting('country_code') }} || ''' AND f.period_start = DATE ''' || cast(i.year as {{ dbt.type_string() }})
        || '-01-01'' AND b.wz_code = ''' || i.target_wz2008_code || ''''
    from scored as s
    inner join industry as i on s.target_wz2008_code = i.target_wz2008_code
    where s.target_type_code = 'industry_segment' and i.industry_export_value_eur is not null
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'demand', 'Beschäftigte im eigenen Land, WZ ' || i.employment_wz_code,
        i.industry_employees_count, 'persons', i.employment_year, i.employment_snapshot_id, 'analyst',
        'SELECT * FROM marts.mart_region_industry_profile WHERE region_code = ''' || {{ setting('country_code') }}
        || ''' AND wz_revision = ''WZ2008'' AND wz_code = ''' || i.employment_wz_code || ''' AND year = '
        || cast(i.employment_year as {{ dbt.type_string() }})
    from scored as s
    inner join industry as i on s.target_wz2008_code = i.target_wz2008_code
    where s.target_type_code = 'industry_segment' and i.industry_employees_count is not null
    union all
    select
        s.company_id, s.target_market_id, s.score_version, 'access', 'Beschäftigte in der Region, WZ ' || i.regional_wz_code,
        i.regional_employees_count, 'persons', i.regional_year, i.regional_snapshot_id, 'analyst',
        'SELECT * FROM marts.mart_region_industry_profile WHERE region_code = ''' || {{ setting('region_code') }}
        || ''' AND wz_revision = ''WZ2008'' AND wz_code = ''' || i.regional_wz_code || ''' AND year = '
        || cast(i.regional_year as {{ dbt.type_string() }})
    from scored as s
    inner join industry as i on s.target_wz2008_code = i.target_wz2008_code
    where s.target_type_code = 'industry_segment' and i.regional_employees_count is not null
)

select
    evidence.company_id,
    evidence.target_market_id,
    evidence.score_version,
    cast(row_number() over (
        partition by evidence.company_id, evidence.target_market_id, evidence.score_version
        order by evidence.component_code, evidence.statement_de
    ) as integer) as evidence_no,
    evidence.component_code,
    evidence.statement_de,
    cast(evidence.value as double) as value,
    evidence.unit_code,
    cast(evidence.year as integer) as year,
    snapshot.source_id,
    evidence.snapshot_id,
    evidence.opened_in_code,
    evidence.query_sql
from evidence
left join {{ ref('stg_meta__snapshot') }} as snapshot on evidence.snapshot_id = snapshot.snapshot_id
