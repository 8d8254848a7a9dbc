-- Grain: one row per company and competence, from the newest response that says what the company masters.
-- Why: the competence route needs no product code: who coats, hardens or makes tools is found by what it can do.
select
    competence.company_id,
    competence.competence_id,
    competence.level_code
from {{ ref('int_company__competence') }} as competence
inner join {{ ref('int_survey__newest') }} as newest
    on competence.company_id = newest.company_id and competence.wave_id = newest.wave_id
where newest.group_code = 'competences'
