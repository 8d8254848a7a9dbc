-- Grain: one row per wave, question both it and the wave it is compared with ask, and kind of change.
-- Why: what is not the same question any more, computed from the codebooks and held against the flags (SRV-015). The dock
-- refuses a delivery by the same rule; here it also holds for a codebook or a flag changed after the delivery landed.
with pair as (
    select wave_id, compare_with_wave_id as wave_before
    from {{ ref('stg_region__survey_wave') }}
    where compare_with_wave_id is not null
),

concept as (
    select
        wave_id,
        question_concept_id,
        min(answer_type_code) as answer_type_code,
        min(coalesce(unit_code, 'none')) as unit_code,
        min(code_list) as code_list
    from {{ ref('stg_region__survey_question') }}
    where class_code <> 'meta'
    group by wave_id, question_concept_id
),

both_ask as (
    select
        pair.wave_before,
        pair.wave_id,
        now.question_concept_id,
        earlier.answer_type_code as type_before,
        now.answer_type_code as type_now,
        earlier.unit_code as unit_before,
        now.unit_code as unit_now
    from pair
    inner join concept as now on pair.wave_id = now.wave_id
    inner join concept as earlier
        on pair.wave_before = earlier.wave_id and now.question_concept_id = earlier.question_concept_id
),

code as (
    select
        concept.wave_id,
        concept.question_concept_id,
        listed.answer_code,
        listed.value_code,
        coalesce(cast(listed.low as varchar), '-') || ' to ' || coalesce(cast(listed.high as varchar), '-') as limits
    from concept
    inner join {{ ref('stg_region__survey_code') }} as listed
        on concept.wave_id = listed.wave_id and concept.code_list = listed.code_list
),

choice as (
    select wave_id, question_concept_id, value_code as option_code from code
    union
    select wave_id, question_concept_id, coalesce(item_code, '')
    from {{ ref('stg_region__survey_question') }}
    where class_code <> 'meta'
),

change as (
    select wave_before, wave_id, question_concept_id, 'answer_type' as change_code
    from both_ask
    where type_before <> type_now
    union
    select wave_before, wave_id, question_concept_id, 'unit'
    from both_ask
    where unit_before <> unit_now
    union
    select both_ask.wave_before, both_ask.wave_id, both_ask.question_concept_id, 'code_meaning'
    from both_ask
    inner join code as earlier
        on both_ask.wave_before = earlier.wave_id and both_ask.question_concept_id = earlier.question_concept_id
    inner join code as now
        on both_ask.wave_id = now.wave_id
        and both_ask.question_concept_id = now.question_concept_id
        and earlier.answer_code = now.answer_code
    where earlier.value_code <> now.value_code
    {%- for code, ours, theirs in [('option_added', 'wave_id', 'wave_before'), ('option_removed', 'wave_before', 'wave_id')] %}
    union
    select both_ask.wave_before, both_ask.wave_id, both_ask.question_concept_id, '{{ code }}'
    from both_ask
    inner join choice as own
        on both_ask.{{ ours }} = own.wave_id and both_ask.question_concept_id = own.question_concept_id
    left join choice as other
        on both_ask.{{ theirs }} = other.wave_id
        and both_ask.question_concept_id = other.question_concept_id
        and own.option_code = other.option_code
    where other.option_code is null
    union
    select both_ask.wave_before, both_ask.wave_id, both_ask.question_concept_id, 'band_limits'
    from both_ask
    inner join code as own
        on both_ask.{{ ours }} = own.wave_id and both_ask.question_concept_id = own.question_concept_id
    left join code as other
        on both_ask.{{ theirs }} = other.wave_id
        and both_ask.question_concept_id = other.question_concept_id
        and own.limits = other.limits
    where both_ask.type_before = 'band' and both_ask.type_now = 'band' and other.limits is null
    {%- endfor %}
)

select
    change.wave_before,
    change.wave_id,
    change.question_concept_id,
    change.change_code,
    flag.comparable_code,
    flag.change_code is not null as is_flagged
from change
left join {{ ref('stg_region__survey_break') }} as flag
    on change.wave_before = flag.wave_before
    and change.wave_id = flag.wave_id
    and change.question_concept_id = flag.question_concept_id
    and change.change_code = flag.change_code
