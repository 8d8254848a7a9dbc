-- Grain: one legal form code (ISO 20275).
-- Why: a code comes in several lists (of the world, of a country) and languages; the newest list counts, German before
-- other languages. For German forms a seed says the short form, elsewhere it is the first abbreviation of the list.
with ranked as (
    select
        f.elf_code, f.country_code, f.local_name, f.local_abbreviations, f.elf_status, s.vintage_id,
        row_number() over (
            partition by f.elf_code
            order by s.vintage_id desc, case when f.language_code = 'de' then 0 else 1 end, f.source_row
        ) as choice
    from {{ ref('stg_legal_form__form') }} as f
    inner join {{ ref('int_meta__snapshot') }} as s on f.snapshot_id = s.snapshot_id and s.is_latest_vintage
)

select
    coalesce(r.elf_code, g.elf_code) as elf_code,
    case when g.elf_code is null then r.country_code else 'DE' end as country_code,
    r.local_name as form_name,
    coalesce(g.short_name_de, nullif(trim(split_part(r.local_abbreviations, ';', 1)), ''), r.local_name) as short_name,
    g.legal_form_code,
    r.elf_status,
    r.vintage_id as list_vintage_id
from (select * from ranked where choice = 1) as r
full join {{ ref('legal_form_de') }} as g on r.elf_code = g.elf_code
