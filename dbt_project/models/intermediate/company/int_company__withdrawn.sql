-- Grain: one row per company that answered a survey and whose consent to storage is not in force.
-- Why: such a company is absent everywhere, even where an open register would still name it (SRV-019).
select distinct company.company_id
from {{ ref('stg_identity__company_key') }} as company
left join {{ ref('int_company__consent') }} as consent on company.company_id = consent.company_id
where company.source_id in ('limesurvey', 'kobo') and not coalesce(consent.may_store, false)
