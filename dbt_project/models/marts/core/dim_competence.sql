-- Grain: one row per competence of the region's tree.
-- Why: the closed list of processes, materials and skills that survey answers and matches refer to.
select
    cast(competence_id as varchar) as competence_id,
    cast(competence_name_de as varchar) as competence_name_de,
    cast(competence_group_code as varchar) as competence_group_code,
    cast(parent_competence_id as varchar) as parent_competence_id,
    cast(related_wz2008_codes as varchar) as related_wz2008_codes,
    cast(related_hs4_codes as varchar) as related_hs4_codes
from {{ ref('stg_region__competence') }}
