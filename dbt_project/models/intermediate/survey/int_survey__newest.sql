-- Grain: one row per company and group of answers it ever gave.
-- Why: which response speaks for the company, decided once, group by group (seed survey_concept_group). The newest wave
-- that answers the group counts, by the order of the waves in the region folder; a pulse of a few questions is no profile
-- and counts only where no wave says anything, and a response broken off does not hide what an older one said behind
-- that page.
with answered as (
    select distinct
        answer.company_id,
        answer.wave_id,
        answer.response_id,
        grouped.group_code
    from {{ ref('int_survey__answer') }} as answer
    inner join {{ ref('survey_concept_group') }} as grouped
        on answer.question_concept_id = grouped.question_concept_id
    where answer.answer_status_code = 'answered'
),

ranked as (
    select
        answered.company_id,
        answered.group_code,
        answered.wave_id,
        answered.response_id,
        row_number() over (
            partition by answered.company_id, answered.group_code
            order by
                case when wave.wave_kind_code = 'pulse' then 1 else 0 end,
                coalesce(wave.wave_order, 0) desc,
                answered.wave_id desc
        ) as wave_rank
    from answered
    left join {{ ref('stg_region__survey_wave') }} as wave on answered.wave_id = wave.wave_id
)

select
    company_id,
    group_code,
    wave_id,
    response_id
from ranked
where wave_rank = 1
