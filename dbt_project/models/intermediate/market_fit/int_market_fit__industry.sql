-- Grain: one industry that asks for some competence, and year; the newest year and those just before it.
-- Why: how big an industry is as a customer at home, how it grows, how widely it sells, and whether it sits in the region.
-- What it sells abroad is modelled from world trade by product through the bridge of products and industries; people are
-- those of the finest industry code the statistics give (group or division), which may hold more than the industry.
with target as (
    select distinct target_wz2008_code from {{ ref('int_market_fit__requirement') }}
),

-- The years of world trade decide; without world trade those of employment.
newest as (
    select coalesce(
        (select max(newest_year) from {{ ref('int_market_fit__edition') }}),
        (select max(year) from {{ ref('mart_region_industry_profile') }})
    ) as newest_year
),

target_year as (
    select target.target_wz2008_code, newest.newest_year - step.back as year
    from target
    cross join newest
    cross join (
        {% for back in range(var('market_fit_years')) %}
            select {{ back }} as back {% if not loop.last %} union all {% endif %}
        {% endfor %}
    ) as step
    where newest.newest_year is not null
),

sold as (
    select
        bridge.wz_code,
        f.partner_code,
        cast(extract(year from f.period_start) as integer) as year,
        sum(f.value_eur * bridge.weight) as value_eur,
        max(f.snapshot_id) as snapshot_id
    from {{ ref('fct_trade_flow') }} as f
    inner join {{ ref('int_market_fit__edition') }} as edition on f.classification_code = edition.classification_code
    inner join {{ ref('bridge_product_industry') }} as bridge
        on
            f.classification_code = bridge.classification_code and f.product_code = bridge.product_code
            and bridge.wz_revision = 'WZ2008'
    inner join target on bridge.wz_code = target.target_wz2008_code
    where
        f.source_id = 'baci'
        and f.flow_code = 'export'
        and f.period_type_code = 'year'
        and f.is_latest_vintage
        and f.product_level = 6
        and f.reporter_code = {{ setting('country_code') }}
    group by bridge.wz_code, f.partner_code, extract(year from f.period_start)
),

export_year as (
    select
        wz_code, year,
        sum(value_eur) as value_eur,
        sum(value_eur * value_eur) as squared_value,
        max(snapshot_id) as snapshot_id
    from sold
    group by wz_code, year
),

-- The finest code at or above the industry, then the newest year that is not after the one asked for.
employed as (
    select
        t.target_wz2008_code, t.year, p.region_code, p.wz_code, p.year as employment_year, p.employees_svb_count,
        p.employment_change_5y_pct, p.location_quotient, p.snapshot_id,
        row_number() over (
            partition by t.target_wz2008_code, t.year, p.region_code order by length(p.wz_code) desc, p.year desc
        ) as choice
    from target_year as t
    inner join {{ ref('mart_region_industry_profile') }} as p
        on
            p.wz_revision = 'WZ2008' and length(p.wz_code) >= 2
            and substr(t.target_wz2008_code, 1, length(p.wz_code)) = p.wz_code
            and p.year <= t.year and p.year > t.year - {{ var('market_fit_years') }}
    where
        p.employees_svb_count is not null
        and p.region_code in ({{ setting('country_code') }}, {{ setting('region_code') }})
)

select
    t.target_wz2008_code,
    cast(t.year as integer) as year,
    t.year = newest.newest_year as is_newest,
    industry.industry_name_de as industry_label_de,
    cast(export_year.value_eur as double) as industry_export_value_eur,
    case
        when export_year.value_eur > 0 and before.value_eur > 0
            then 100 * (power(export_year.value_eur / before.value_eur, 0.2) - 1)
    end as industry_export_cagr_5y_pct,
    {{ safe_divide('export_year.squared_value', 'export_year.value_eur * export_year.value_eur') }} as destination_hhi,
    export_year.snapshot_id as trade_snapshot_id,
    cast(nation.employees_svb_count as double) as industry_employees_count,
    nation.employment_change_5y_pct as industry_employment_change_5y_pct,
    nation.wz_code as employment_wz_code,
    nation.employment_year,
    nation.snapshot_id as employment_snapshot_id,
    cast(region.employees_svb_count as double) as regional_employees_count,
    region.location_quotient as regional_location_quotient,
    region.wz_code as regional_wz_code,
    region.employment_year as regional_year,
    region.snapshot_id as regional_snapshot_id
from target_year as t
cross join newest
left join export_year on t.target_wz2008_code = export_year.wz_code and t.year = export_year.year
left join export_year as before on t.target_wz2008_code = before.wz_code and t.year - 5 = before.year
left join employed as nation
    on
        t.target_wz2008_code = nation.target_wz2008_code and t.year = nation.year and nation.choice = 1
        and nation.region_code = {{ setting('country_code') }}
left join employed as region
    on
        t.target_wz2008_code = region.target_wz2008_code and t.year = region.year and region.choice = 1
        and region.region_code = {{ setting('region_code') }}
left join {{ ref('dim_industry_wz') }} as industry
    on t.target_wz2008_code = industry.wz_code and industry.wz_revision = 'WZ2008'
