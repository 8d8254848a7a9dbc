-- Grain: reporter x flow x year x source x edition: a full year of one line of figures that can be followed over time.
-- Why: a mart of years must not hold half a year. A year counts where an annual figure came after its end, or all twelve
-- months; a year with a month missing has no row at all (its months stay in the fact). Of one source the annual figures go
-- before the sum of months, and the deeper level before the shallower, never both. Of several sources the reporter's own
-- statistics decide: Comext, then UN Comtrade. World trade data (BACI) stand in where the home country's own years are not
-- loaded, and for the home country only; they come in editions, and what is growth inside one is none across two.
with home as (
    select {{ setting('country_code') }} as country_code
),

delivered as (
    select
        f.source_id, f.reporter_code, f.flow_code, f.period_type_code, f.product_level, f.classification_code,
        cast(extract(year from f.period_start) as integer) as year, f.period_start, f.snapshot_id
    from {{ ref('fct_trade_flow') }} as f
    where f.source_id in ('comext', 'comtrade') and f.is_latest_vintage and f.product_level >= 6
    union all
    select
        f.source_id, home.country_code, case when f.reporter_code = home.country_code then 'export' else 'import' end,
        f.period_type_code, f.product_level, f.classification_code,
        cast(extract(year from f.period_start) as integer), f.period_start, f.snapshot_id
    from {{ ref('fct_trade_flow') }} as f
    inner join home on f.reporter_code = home.country_code or f.partner_code = home.country_code
    where f.source_id = 'baci' and f.is_latest_vintage and f.product_level = 6
),

period as (
    select
        d.source_id, d.reporter_code, d.flow_code, d.year, d.period_type_code, d.product_level,
        d.classification_code, d.period_start, max(d.snapshot_id) as snapshot_id, max(s.retrieved_at) as retrieved_at
    from (
        select distinct
            source_id, reporter_code, flow_code, year, period_type_code, product_level, classification_code,
            period_start, snapshot_id
        from delivered
    ) as d
    inner join {{ ref('int_meta__snapshot') }} as s on d.snapshot_id = s.snapshot_id
    group by
        d.source_id, d.reporter_code, d.flow_code, d.year, d.period_type_code, d.product_level,
        d.classification_code, d.period_start
),

full_year as (
    select
        source_id, reporter_code, flow_code, year, period_type_code, product_level, classification_code,
        -- The provenance of a year is its last month.
        max_by(snapshot_id, period_start) as snapshot_id
    from period
    group by source_id, reporter_code, flow_code, year, period_type_code, product_level, classification_code
    having
        (period_type_code = 'year' and max(extract(year from retrieved_at)) > year)
        or (period_type_code = 'month' and count(distinct period_start) = 12)
),

edition as (
    select
        f.*,
        case when f.source_id = 'comext' then e.classification_code else f.classification_code end as hs_revision,
        -- Comext and Comtrade are one line over editions, with flagged breaks; each BACI edition is a line of its own.
        f.source_id || case when f.source_id = 'baci' then ':' || f.classification_code else '' end as line_code
    from full_year as f
    left join {{ ref('hs_edition') }} as e
        on f.year >= e.valid_from_year and f.year <= coalesce(e.valid_to_year, 9999)
),

best_form as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by line_code, reporter_code, flow_code, year
                order by
                    case when period_type_code = 'year' then 0 else 1 end, product_level desc, classification_code desc
            ) as choice
        from edition
    ) as ranked
    where choice = 1
)

select
    b.line_code,
    b.source_id,
    b.reporter_code,
    b.flow_code,
    b.year,
    b.period_type_code,
    b.product_level,
    b.classification_code,
    b.hs_revision,
    b.snapshot_id,
    row_number() over (
        partition by b.reporter_code, b.flow_code, b.year
        order by
            case b.source_id when 'comext' then 0 when 'comtrade' then 1 else 2 end,
            -- Of two editions the one that reaches five years back, so that growth is known; else the newest.
            case when past.year is null then 1 else 0 end,
            b.classification_code desc
    ) = 1 as is_chosen
from best_form as b
left join best_form as past
    on
        b.line_code = past.line_code and b.reporter_code = past.reporter_code and b.flow_code = past.flow_code
        and b.year - 5 = past.year
