-- Grain: one row per finding of the survey's reader and snapshot.
-- Why: one typed door to what a person has to look at; review_id is the same for the same finding in every snapshot.
select
    cast(review_id as varchar) as review_id,
    cast(wave_id as varchar) as wave_id,
    cast(response_id as varchar) as response_id,
    cast(question_concept_id as varchar) as question_concept_id,
    cast(item_code as varchar) as item_code,
    cast(class_code as varchar) as class_code,
    cast(finding_code as varchar) as finding_code,
    cast(answer_status_code as varchar) as answer_status_code,
    cast(raw_value as varchar) as raw_value,
    cast(proposal as varchar) as proposal,
    cast(proposal_num as double) as proposal_num,
    cast(proposal_code as varchar) as proposal_code,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('kobo', 'review') }}
