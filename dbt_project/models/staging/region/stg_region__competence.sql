-- Grain: one competence of the region folder's tree.
-- Why: names and related industries and products of competences are facts of the project, not of a source.
select
    competence_id,
    competence_name_de,
    competence_group_code,
    parent_competence_id,
    related_wz2008_codes,
    related_hs4_codes
from {{ source('region', 'competence') }}
