-- Grain: one region code; one version each until a source delivers dated changes of area.
-- Why: every regional mart joins here. `valid_from` of 1900-01-01 means "since before anything loaded here".
select
    {{ stable_key(["region_code", "cast(date '1900-01-01' as varchar)"]) }} as region_sk,
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
    date '1900-01-01' as valid_from,
    cast(null as date) as valid_to
from {{ ref('int_region__unit') }}
