-- Grain: one row per company, competence and wave.
-- Why: who masters what, by process, material and certificate, with the industries it now serves; from ticked boxes and
-- from texts, so that a firm without any product code is on the map too.
select
    cast(competence.company_id as varchar) as company_id,
    cast(competence.competence_id as varchar) as competence_id,
    cast(competence.wave_id as varchar) as wave_id,
    cast(profile.kreis_ags as varchar) as kreis_ags,
    cast(profile.wz2_code as varchar) as wz2_code,
    cast(competence.competence_group_code as varchar) as competence_group_code,
    cast(competence.level_code as varchar) as level_code,
    cast(competence.source_code as varchar) as source_code,
    cast(competence.mapping_confidence as double) as mapping_confidence,
    cast(answer.automotive_share_pct as double) as automotive_share_pct
from {{ ref('int_company__competence') }} as competence
inner join {{ ref('int_survey__profile') }} as profile
    on competence.wave_id = profile.wave_id and competence.company_id = profile.company_id
inner join {{ ref('int_survey__scalar') }} as answer
    on competence.wave_id = answer.wave_id and competence.company_id = answer.company_id
