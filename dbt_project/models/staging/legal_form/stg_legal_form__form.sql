-- Grain: one legal form in one language, per snapshot.
-- Why: a LEI record names its form by code only; the list says name and abbreviations, as published.
select
    elf_code,
    country_code,
    subdivision_code,
    local_name,
    language_code,
    transliterated_name,
    local_abbreviations,
    created_date,
    elf_status,
    modified_date,
    source_row,
    snapshot_id
from {{ source('legal_form', 'form') }}
