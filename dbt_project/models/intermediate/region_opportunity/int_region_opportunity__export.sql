-- Grain: exporting country x HS heading (four digits) x year, the newest year and the one five years before.
-- Why: industries lead to headings at best, so the product space of regions is one of headings; six-digit flows are summed
-- to theirs. World exports of a heading are its world imports.
select
    e.location_code,
    e.classification_code,
    substr(e.product_code, 1, 4) as product_code,
    e.year,
    e.year = chosen.year as is_newest,
    sum(e.value_usd) as value_usd,
    -- Dollars without a rate of their year are no euros.
    sum(e.value_usd) / max(r.usd_per_eur) as value_eur
from {{ ref('int_product_space__export') }} as e
inner join {{ ref('int_region_opportunity__edition') }} as chosen
    on
        e.source_id = chosen.source_id and e.classification_code = chosen.classification_code
        and (e.year = chosen.year or e.year = chosen.year - 5)
left join {{ ref('int_trade__exchange_rate') }} as r on e.year = r.year
where e.product_level in (4, 6)
group by e.location_code, e.classification_code, substr(e.product_code, 1, 4), e.year, chosen.year
