-- Grain: one row: the source, edition and newest year of world trade that regions are held against; none without any.
-- Why: one product space for every region. World trade with partners (BACI) goes before the world table, the newest year
-- before older ones, and of its editions one that reaches five years back, so that growth of demand is known.
with loaded as (
    select distinct source_id, classification_code, year from {{ ref('int_product_space__export') }}
)

select source_id, classification_code, year
from (
    select
        l.source_id, l.classification_code, l.year,
        row_number() over (
            order by
                case l.source_id when 'baci' then 0 else 1 end,
                l.year desc,
                case when past.year is null then 1 else 0 end,
                l.classification_code desc
        ) as choice
    from loaded as l
    left join loaded as past
        on l.source_id = past.source_id and l.classification_code = past.classification_code and l.year - 5 = past.year
) as ranked
where choice = 1
