-- Grain: region (Kreis or group of Kreise) x year x class of industry: the published cell its employees are counted in.
-- Why: products lead to classes, employment is published by group, division or section only. The finest cell that both the
-- region and the country have counts; how coarse it is decides what can be said. One year of each region: the newest of
-- those with the finest cells, because a newer year that is known by section alone says less.
with cell as (
    select i.*, r.region_level_code
    from {{ ref('int_industry__employment_interval') }} as i
    inner join {{ ref('dim_region') }} as r on i.region_code = r.region_code
),

base as (
    select wz_revision, wz_code, year, employees_count
    from cell
    where region_level_code = 'country' and not is_hidden and employees_count > 0
),

shared_cell as (
    select c.*, b.employees_count as base_count
    from cell as c
    inner join base as b on c.wz_revision = b.wz_revision and c.wz_code = b.wz_code and c.year = b.year
    where
        c.wz_level > 0 and c.high_count is not null
        -- The region's own Kreise and groups; the tables hold every Kreis of the country.
        and (
            c.region_level_code = 'group'
            or c.region_code in (
                select g.member_region_code
                from {{ ref('bridge_region_group') }} as g
                inner join {{ ref('dim_region') }} as d on g.member_region_code = d.region_code
                where d.region_level_code = 'district'
            )
        )
),

chosen_year as (
    select region_code, wz_revision, year
    from (
        select
            region_code, wz_revision, year,
            row_number() over (
                partition by region_code, wz_revision order by max(wz_level) desc, year desc
            ) as choice
        from shared_cell
        group by region_code, wz_revision, year
    ) as ranked
    where choice = 1
),

class_of_goods as (
    select distinct wz_revision, wz_code from {{ ref('bridge_product_industry') }} where length(product_code) = 4
),

candidate as (
    select
        c.region_code, c.year, k.wz_revision, k.wz_code as class_code,
        c.wz_code as node_code, c.wz_level as node_level, c.employees_count, c.low_count, c.high_count, c.is_hidden,
        c.base_count,
        row_number() over (
            partition by c.region_code, c.year, k.wz_revision, k.wz_code order by c.wz_level desc
        ) as choice
    from shared_cell as c
    inner join chosen_year as y
        on c.region_code = y.region_code and c.wz_revision = y.wz_revision and c.year = y.year
    inner join {{ ref('int_industry__ancestor') }} as a
        on c.wz_revision = a.wz_revision and c.wz_code = a.ancestor_code
    inner join class_of_goods as k on a.wz_revision = k.wz_revision and a.wz_code = k.wz_code
)

select
    region_code, year, wz_revision, class_code, node_code, node_level, employees_count, low_count, high_count,
    is_hidden, base_count
from candidate
where choice = 1
