-- Grain: one location, product and year of one edition; the full grid, so zero exports are rows.
-- Why: relatedness and complexity of everything that is traded, from one matrix per edition and year.
select
    location_code,
    classification_code,
    product_code,
    cast(year as integer) as year,
    cast(export_value_usd as double) as export_value_usd,
    cast(rca as double) as rca,
    cast(is_present as boolean) as is_present,
    cast(density as double) as density,
    cast(eci as double) as eci,
    cast(pci as double) as pci,
    cast(diversity_count as integer) as diversity_count,
    cast(ubiquity_count as integer) as ubiquity_count,
    cast(complexity_outlook_index as double) as complexity_outlook_index,
    cast(complexity_outlook_gain as double) as complexity_outlook_gain,
    method_version
from {{ ref('int_product_space__computed') }}
