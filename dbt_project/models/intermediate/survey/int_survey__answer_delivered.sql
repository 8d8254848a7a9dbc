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
-- Why: LimeSurvey and KoboToolbox in one shape. A view, so that identity and free text are not written once more.
select
    {{ columns }}
from {{ ref('stg_limesurvey__answer') }}
union all
select
    {{ columns }}
from {{ ref('stg_kobo__answer') }}
