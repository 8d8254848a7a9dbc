-- Grain: one row per surveyed company.
-- Why: what the profile shows and no other model needs as a column, of the wave the company's profile is of.
with answer as (
    select
        answer.company_id,
        answer.question_concept_id,
        answer.answer_code,
        answer.answer_num
    from {{ ref('int_survey__answer') }} as answer
    inner join {{ ref('int_company__survey') }} as company
        on answer.company_id = company.company_id and answer.wave_id = company.last_wave_id
    where answer.answer_status_code = 'answered'
)

select
    company_id,
    max(case when question_concept_id = 'EXPORT_SHARE' then answer_num end) as export_share_pct,
    max(
        case when question_concept_id = 'IDEA_STAGE' then
            case answer_code when 'launched' then 5 when 'pilot' then 4 when 'prototype' then 3 when 'concept' then 2 when 'idea' then 1 else 0 end
        end
    ) as innovation_rank,
    max(case when question_concept_id in ('PRODUCT_HS', 'PRODUCT_TEXT') then 1 else 0 end) as has_product,
    max(case when question_concept_id in ('PROC', 'PROC_OTHER') then 1 else 0 end) as has_process
from answer
group by company_id
