-- Grain: one code of one code list of one wave.
-- Why: what a code meant in a wave and what it is here.
select
    wave_id,
    code_list,
    answer_code,
    value_code,
    cast(low as double) as low,
    cast(high as double) as high
from {{ source('region', 'survey_code') }}
