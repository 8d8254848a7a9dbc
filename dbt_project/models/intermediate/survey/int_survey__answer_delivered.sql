{{ config(materialized='view') }}
{%- set columns -%}
wave_id,
        response_id,
        question_concept_id,
        item_code,
        source_column,
        class_code,
        raw_value,
        answer_code,
        answer_num,
        answer_low,
        answer_high,
        unit_code,
        answer_status_code,
        snapshot_id
{%- endset %}
-- Grain: one row per delivered response, question concept, item and snapshot, whichever survey tool delivered it.
-- Why: LimeSurvey and KoboToolbox in one shape, with what a person decided on the review list laid over what was
-- delivered. A view, so that identity and free text are not written once more.
with delivered as (
    select
        {{ columns }}
    from {{ ref('stg_limesurvey__answer') }}
    union all
    select
        {{ columns }}
    from {{ ref('stg_kobo__answer') }}
)

select
    delivered.wave_id,
    delivered.response_id,
    delivered.question_concept_id,
    delivered.item_code,
    delivered.source_column,
    delivered.class_code,
    delivered.raw_value,
    case when decision.decided_status is null then delivered.answer_code else decision.decided_code end as answer_code,
    case when decision.decided_status is null then delivered.answer_num else decision.decided_num end as answer_num,
    delivered.answer_low,
    delivered.answer_high,
    delivered.unit_code,
    coalesce(decision.decided_status, delivered.answer_status_code) as answer_status_code,
    delivered.snapshot_id
from delivered
left join {{ ref('int_survey__decision') }} as decision
    on delivered.wave_id = decision.wave_id
    and delivered.response_id = decision.response_id
    and delivered.question_concept_id = decision.question_concept_id
    and delivered.item_code = decision.item_code
    and delivered.raw_value = decision.raw_value
