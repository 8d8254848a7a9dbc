-- Grain: one row per company, competence and wave.
-- Why: what a company masters: what it ticked, and what its texts say (products and processes, so that coaters, hardeners
-- and toolmakers without a product code are there too). What was ticked counts before what a person read in a text, and
-- that before what the dictionary reads there.
with ticked as (
    select
        answer.wave_id,
        answer.company_id,
        answer.item_code as competence_id,
        max(case when answer.question_concept_id = 'PROC_LEVEL' then answer.answer_code end) as level_answer,
        max(case when answer.question_concept_id <> 'PROC_LEVEL' then 1 else 0 end) as is_ticked
    from {{ ref('int_survey__answer') }} as answer
    where
        answer.answer_status_code = 'answered'
        and (
            (answer.question_concept_id in ('PROC', 'MATERIAL', 'CERT') and answer.answer_code = '1')
            or answer.question_concept_id = 'PROC_LEVEL'
        )
    group by answer.wave_id, answer.company_id, answer.item_code
),

stated as (
    select
        wave_id,
        company_id,
        competence_id,
        case level_answer
            when 'core' then 'own_core' when 'own' then 'own' when 'purchased' then 'purchased' when 'planned' then 'planned'
        end as level_code,
        'closed_question' as source_code,
        cast(1.0 as double) as mapping_confidence,
        1 as source_rank
    from ticked
    where is_ticked = 1
    union all
    -- A text says that a company does it, not how well: its level is not known.
    select
        wave_id,
        company_id,
        code as competence_id,
        cast(null as varchar) as level_code,
        case when status_code = 'decided' then 'adviser_confirmed' else 'free_text_mapped' end as source_code,
        score as mapping_confidence,
        case when status_code = 'decided' then 2 else 3 end as source_rank
    from {{ ref('int_text__coded') }}
    where classification_code = 'COMPETENCE' and question_concept_id in ('PRODUCT_TEXT', 'PROC_OTHER')
),

ranked as (
    select
        stated.*,
        row_number() over (
            partition by wave_id, company_id, competence_id order by source_rank, mapping_confidence desc
        ) as source_choice
    from stated
)

select
    ranked.wave_id,
    ranked.company_id,
    ranked.competence_id,
    competence.competence_group_code,
    ranked.level_code,
    ranked.source_code,
    ranked.mapping_confidence
from ranked
inner join {{ ref('stg_region__competence') }} as competence on ranked.competence_id = competence.competence_id
where ranked.source_choice = 1
