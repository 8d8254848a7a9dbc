-- Grain: reporter x flow x period x HS chapter ('TOTAL' for all of them) x vintage that follows another one.
-- Why: a publisher revises months for two years; how much a month moved between two deliveries tells a revision from
-- a mistake. A chapter that disappears shows in the total.
with chapter as (
    select
        reporter_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage,
        substr(product_code, 1, 2) as chapter_code,
        value_eur
    from {{ ref('int_trade__comext') }}
),

valued as (
    select
        reporter_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage, chapter_code,
        sum(value_eur) as value_eur
    from chapter
    group by reporter_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage, chapter_code
    union all
    select
        reporter_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage,
        'TOTAL' as chapter_code,
        sum(value_eur) as value_eur
    from chapter
    group by reporter_code, flow_code, period_type_code, period_start, vintage_id, is_latest_vintage
),

followed as (
    select
        *,
        lag(value_eur) over (
            partition by reporter_code, flow_code, period_type_code, period_start, chapter_code order by vintage_id
        ) as previous_value_eur
    from valued
)

select
    reporter_code,
    flow_code,
    period_type_code,
    period_start,
    chapter_code,
    vintage_id,
    is_latest_vintage,
    value_eur,
    previous_value_eur,
    100 * {{ safe_divide('value_eur - previous_value_eur', 'previous_value_eur') }} as change_pct
from followed
where previous_value_eur is not null
