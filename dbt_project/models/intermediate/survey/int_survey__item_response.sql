-- Grain: one row per wave and core question (seed survey_core_concept) the wave asks.
-- Why: how many leave out what a profile needs. Of the responses that count and were sent off; whoever was not shown a
-- question did not leave it out, and an answer a person has to look at is one.
with asked as (
    select distinct question.wave_id, question.question_concept_id
    from {{ ref('stg_region__survey_question') }} as question
    inner join {{ ref('survey_core_concept') }} as core on question.question_concept_id = core.question_concept_id
),

said as (
    select
        wave_id,
        response_id,
        question_concept_id,
        max(case when answer_status_code in ('answered', 'ambiguous', 'range', 'approximate') then 1 else 0 end) as is_given,
        max(case when answer_status_code = 'not_shown' then 1 else 0 end) as is_not_shown
    from {{ ref('int_survey__answer') }}
    group by wave_id, response_id, question_concept_id
)

select
    asked.wave_id,
    asked.question_concept_id,
    cast(count(*) as integer) as asked_count,
    cast(sum(case when coalesce(said.is_given, 0) = 1 then 0 else 1 end) as integer) as missing_count,
    100.0 * sum(case when coalesce(said.is_given, 0) = 1 then 0 else 1 end) / count(*) as missing_pct
from asked
inner join {{ ref('int_survey__response') }} as response
    on asked.wave_id = response.wave_id and response.is_complete
left join said
    on response.wave_id = said.wave_id
    and response.response_id = said.response_id
    and asked.question_concept_id = said.question_concept_id
where coalesce(said.is_not_shown, 0) = 0
group by asked.wave_id, asked.question_concept_id
