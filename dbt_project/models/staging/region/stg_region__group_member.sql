-- Grain: one member of one group of regions.
-- Why: the project region and other groups are lists in the region folder, not code.
select
    group_region_code,
    group_label_de,
    member_region_code
from {{ source('region', 'group_member') }}
