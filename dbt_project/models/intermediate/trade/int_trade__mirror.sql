-- Grain: source x partner x HS chapter x month: what the home country says it sent there, and what the partner says
-- it got.
-- Why: two offices count the same goods and never agree, but they disagree in the same way for years. A difference
-- outside its own band is a mistake of one of them, or of ours. The newest month both have is held against five years
-- before it.
with home as (
    select {{ setting('country_code') }} as country_code
),

flow as (
    select
        f.source_id, f.reporter_code, f.partner_code, f.flow_code, f.period_start,
        substr(f.product_code, 1, 2) as chapter_code,
        sum(f.value_eur) as value_eur
    from {{ ref('fct_trade_flow') }} as f
    cross join home
    where
        f.is_latest_vintage and f.period_type_code = 'month'
        and (
            (f.flow_code = 'export' and f.reporter_code = home.country_code)
            or (f.flow_code = 'import' and f.partner_code = home.country_code)
        )
    group by
        f.source_id, f.reporter_code, f.partner_code, f.flow_code, f.period_start, substr(f.product_code, 1, 2)
),

-- A partner whose month is not loaded has not got nothing; a chapter that misses in a loaded month has.
both_loaded as (
    select distinct i.source_id, i.reporter_code as partner_code, i.period_start
    from flow as i
    inner join flow as e
        on i.source_id = e.source_id and i.period_start = e.period_start and e.flow_code = 'export'
    where i.flow_code = 'import'
),

cell as (
    select
        b.source_id, b.partner_code, b.period_start, f.chapter_code,
        sum(case when f.flow_code = 'export' then f.value_eur else 0 end) as export_value_eur,
        sum(case when f.flow_code = 'import' then f.value_eur else 0 end) as import_value_eur
    from both_loaded as b
    inner join flow as f
        on
            b.source_id = f.source_id and b.period_start = f.period_start
            and b.partner_code = case when f.flow_code = 'export' then f.partner_code else f.reporter_code end
    group by b.source_id, b.partner_code, b.period_start, f.chapter_code
),

compared as (
    select
        *,
        200 * {{ safe_divide('import_value_eur - export_value_eur', 'import_value_eur + export_value_eur') }}
            as asymmetry_pct
    from cell
),

newest as (
    select source_id, partner_code, max(period_start) as period_start
    from both_loaded
    group by source_id, partner_code
),

band as (
    select
        c.source_id, c.partner_code, c.chapter_code,
        min(c.asymmetry_pct) as low_pct,
        max(c.asymmetry_pct) as high_pct,
        count(c.asymmetry_pct) as history_month_count
    from compared as c
    inner join newest as n
        on c.source_id = n.source_id and c.partner_code = n.partner_code and c.period_start < n.period_start
    where {{ dbt.datediff('c.period_start', 'n.period_start', 'month') }} <= 60
    group by c.source_id, c.partner_code, c.chapter_code
)

select
    c.source_id,
    c.partner_code,
    c.chapter_code,
    c.period_start,
    c.export_value_eur,
    c.import_value_eur,
    c.asymmetry_pct,
    b.low_pct,
    b.high_pct,
    coalesce(b.history_month_count, 0) as history_month_count,
    case
        when b.history_month_count >= {{ gate('TRD-013', 'history_min_months') }}
            and greatest(c.export_value_eur, c.import_value_eur) >= {{ gate('TRD-013', 'value_min_eur') }}
            then greatest(b.low_pct - c.asymmetry_pct, c.asymmetry_pct - b.high_pct, 0)
    end as outside_points
from compared as c
inner join newest as n
    on c.source_id = n.source_id and c.partner_code = n.partner_code and c.period_start = n.period_start
left join band as b
    on c.source_id = b.source_id and c.partner_code = b.partner_code and c.chapter_code = b.chapter_code
