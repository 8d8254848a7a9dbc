-- Grain: one wave of the region's survey.
-- Why: which wave is newer is a fact of the region folder; the text of an id says nothing about time.
select
    wave_id,
    wave_kind_code,
    cast(wave_order as integer) as wave_order,
    cast(field_start as date) as field_start,
    cast(field_end as date) as field_end,
    compare_with_wave_id
from {{ source('region', 'survey_wave') }}
