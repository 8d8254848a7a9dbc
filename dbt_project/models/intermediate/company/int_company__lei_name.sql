-- Grain: one company and LEI that a commercial register knows as well.
-- Why: a LEI stands at a company because numbers or places fit; if its name is quite another, the LEI is somebody
-- else's, or the company was renamed and one of both does not know. The likest of the company's entries counts, because
-- a company that moved has several.
select
    lei.company_id,
    lei.record_id as lei,
    count(*) as entry_count,
    max({{ name_similarity('lei.name_key', 'entry.name_key') }}) as name_similarity
from {{ ref('int_company__register_name') }} as lei
inner join {{ ref('int_company__register_name') }} as entry
    on lei.company_id = entry.company_id and entry.source_id in ('offeneregister', 'register_list')
where lei.source_id = 'gleif'
group by lei.company_id, lei.record_id
