{{ config(
    severity='warn',
    meta={'rule_id': 'IDN-003', 'needs': 'int_company__survey'}
) }}
-- A surveyed company that must stand in the commercial register should be found there; where too few are, the register
-- is old or the answers are damaged. One row with the share found, when it is below the limit.
with incorporated as (
    select survey.company_id, case when register.company_id is not null then 1 else 0 end as is_found
    from {{ ref('int_company__survey') }} as survey
    left join (
        select distinct company_id
        from {{ ref('int_company__register_record') }}
        where source_id in ('offeneregister', 'register_list', 'gleif')
    ) as register
        on survey.company_id = register.company_id
    where survey.legal_form_code in ('GMBH', 'UG', 'AG', 'SE', 'KGAA', 'GMBH_CO_KG', 'KG', 'OHG', 'EG', 'EK')
)

select count(*) as company_count, sum(is_found) as found_count, avg(cast(is_found as double)) as found_share
from incorporated
having count(*) > 0 and avg(cast(is_found as double)) < {{ var('register_match_share_min') }}
