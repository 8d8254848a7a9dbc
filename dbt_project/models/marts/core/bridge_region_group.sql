-- Grain: one member of one group of regions.
-- Why: the project region is a list in the region folder; another region is another list.
select
    group_region_code,
    member_region_code
from {{ ref('stg_region__group_member') }}
