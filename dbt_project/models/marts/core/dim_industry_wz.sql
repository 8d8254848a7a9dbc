-- Grain: one industry code per revision of the German classification of economic activities.
-- Why: WZ 2008 and WZ 2025 are in use side by side; the revision is part of every industry key.
select
    wz_revision,
    wz_code,
    cast(wz_level as integer) as wz_level,
    parent_wz_code,
    title_de as industry_name_de,
    -- No source delivers English names yet.
    cast(null as {{ dbt.type_string() }}) as industry_name_en
from {{ ref('int_industry__wz') }}
