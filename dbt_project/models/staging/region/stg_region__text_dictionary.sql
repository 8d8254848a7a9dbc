-- Grain: one row of a list of the region's dictionary for free text.
-- Why: what words mean is a fact of the project, not of a source; the coder is built from these rows.
select
    part_code,
    row_no,
    row_json
from {{ source('region', 'text_dictionary') }}
