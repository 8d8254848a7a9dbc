-- Grain: one legal entity identifier whose record names a legal form.
-- Why: the register's code is surer than a name, but it knows only KG where a company is run by another one (GmbH & Co. KG):
-- that the name tells. The newest record of an identifier counts, whichever delivery it is from.
with record as (
    select
        r.lei, r.elf_code, r.legal_name, lower(r.legal_name) as name_key,
        row_number() over (
            partition by r.lei order by r.last_update_at desc nulls last, s.vintage_id desc, r.snapshot_id desc
        ) as choice
    from {{ ref('stg_gleif__lei_record') }} as r
    inner join {{ ref('int_meta__snapshot') }} as s on r.snapshot_id = s.snapshot_id and s.is_latest_vintage
),

named as (
    select
        r.lei,
        r.elf_code,
        f.elf_code is not null as is_listed,
        f.form_name,
        f.short_name,
        f.legal_form_code,
        coalesce(f.legal_form_code = 'KG' and {{ matches("r.name_key", ".*(&|[+]| und| u[.]) ?co[. ].*kg.*") }}, false)
            as is_run_by_company,
        case
            when r.name_key like '%haftungsbeschr%' then 'UG (haftungsbeschränkt)'
            when r.name_key like '%gmbh%' or r.name_key like '%mit beschr%' then 'GmbH'
            when {{ matches("r.name_key", ".*[^a-zäöüß]ag (&|[+]|und |u[.]).*") }} then 'AG'
            when {{ matches("r.name_key", ".*[^a-zäöüß]se (&|[+]|und |u[.]).*") }} then 'SE'
        end as partner_form
    from record as r
    left join {{ ref('int_company__legal_form') }} as f on r.elf_code = f.elf_code
    -- 8888 and 9999 say that the form is in no list.
    where r.choice = 1 and r.elf_code is not null and r.elf_code not in ('8888', '9999')
)

select
    lei,
    elf_code,
    is_listed,
    form_name,
    case when is_run_by_company then coalesce(partner_form || ' & Co. KG', short_name) else short_name end as short_name,
    case when is_run_by_company then 'GMBH_CO_KG' else legal_form_code end as legal_form_code
from named
