-- Grain: one municipality and its register court, from the region folder.
-- Why: the court that keeps the register is a regional fact with a history of concentrations.
select
    ags,
    court_code,
    court_name
from {{ source('region', 'court') }}
