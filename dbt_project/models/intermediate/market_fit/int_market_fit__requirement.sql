-- Grain: one industry (WZ 2008) and one competence it asks for.
-- Why: the region's tree of competences says for each which industries use it; read from the other side that is what an
-- industry asks of a supplier, and an industry somebody asks something of is a possible target.
with listed as (
    select
        competence_id,
        competence_name_de,
        competence_group_code,
        {{ split_to_rows("replace(related_wz2008_codes, ' ', '')", ',') }} as target_wz2008_code
    from {{ ref('dim_competence') }}
    where related_wz2008_codes is not null
)

select distinct
    listed.target_wz2008_code,
    listed.competence_id,
    listed.competence_name_de,
    listed.competence_group_code
from listed
where listed.target_wz2008_code <> ''
