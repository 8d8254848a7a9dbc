-- Grain: one territorial unit of the region folder.
-- Why: what the region says of itself (chamber, NUTS, population and its basis) beats any general list.
select
    region_code,
    ags,
    ars,
    region_level_code,
    region_name,
    kreis_ags,
    nuts3_code,
    ihk_code,
    cast(population_count as integer) as population_count,
    population_basis_code,
    is_in_region
from {{ source('region', 'unit') }}
