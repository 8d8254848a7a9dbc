-- Grain: one row per response, question and item; one response per company and wave.
-- Why: the survey in its long form, closed questions only: names, places, contacts and free text stay in the build file.
-- Who may see what of it says audiences.yml; here answers are exact. Nothing is imputed.
select
    cast(company_id || '-' || wave_id as varchar) as response_id,
    cast(wave_id as varchar) as wave_id,
    cast(company_id as varchar) as company_id,
    cast(question_concept_id as varchar) as question_concept_id,
    cast(source_column as varchar) as source_column,
    cast(coalesce(item_code, '') as varchar) as item_code,
    cast(
        case
            when answer_status_code = 'answered'
                then coalesce(
                    answer_code,
                    -- Codes of classifications and dates, which need no reading; never words.
                    case when answer_num is null and {{ matches('trim(raw_value)', '[0-9.-]{2,10}') }} then trim(raw_value) end
                )
        end as varchar
    ) as answer_code,
    cast(answer_num as double) as answer_num,
    cast(answer_low as double) as answer_low,
    cast(answer_high as double) as answer_high,
    cast(
        case
            when unit_code is null and {{ matches('coalesce(answer_code, trim(raw_value))', '[0-9]{4}-[0-9]{2}-[0-9]{2}') }}
                then 'date'
            else unit_code
        end as varchar
    ) as unit_code,
    cast(answer_status_code as varchar) as answer_status_code,
    cast(false as boolean) as is_imputed,
    cast(snapshot_id as varchar) as snapshot_id
from {{ ref('int_survey__answer') }}
where class_code = 'closed'
