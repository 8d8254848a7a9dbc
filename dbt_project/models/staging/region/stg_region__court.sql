-- Grain: one municipality (or Kreis without any), its register court and since when, from the region folder.
-- Why: the court that keeps the register is a regional fact with a history of concentrations. Without dates a row
-- speaks of every time.
select
    ags,
    court_code,
    court_name,
    cast(nullif(trim(valid_from), '') as date) as valid_from,
    cast(nullif(trim(valid_to), '') as date) as valid_to
from {{ source('region', 'court') }}
