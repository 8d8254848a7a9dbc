-- Grain: one row per surveyed company that may be matched.
-- Why: consent to storage and to matchmaking, both in force, are asked for once; whoever withdraws one is in no match after
-- the next build. Beside it stand the place, for the distance, and which partners the company says it looks for.
with wish as (
    select
        answer.company_id,
        max(case when answer.item_code = 'supplier' then 1 else 0 end) = 1 as seeks_supplier,
        max(case when answer.item_code = 'customer' then 1 else 0 end) = 1 as seeks_customer,
        max(case when answer.item_code = 'co_development' then 1 else 0 end) = 1 as seeks_co_development
    from {{ ref('int_survey__answer') }} as answer
    inner join {{ ref('int_company__survey') }} as company
        on answer.company_id = company.company_id and answer.wave_id = company.last_wave_id
    where
        answer.question_concept_id = 'INT_PARTNER_TYPE'
        and answer.answer_status_code = 'answered'
        and answer.answer_code = '1'
    group by answer.company_id
),

-- A postcode lies where the middle of its places lies; bulk recipients have no place of their own.
postcode as (
    select postcode, avg(latitude) as latitude, avg(longitude) as longitude
    from {{ ref('stg_geonames_postcode__place') }}
    where postcode_type_code = 'delivery'
    group by postcode
)

select
    company.company_id,
    company.last_wave_id,
    profile.postcode,
    postcode.latitude,
    postcode.longitude,
    coalesce(wish.seeks_supplier, false) as seeks_supplier,
    coalesce(wish.seeks_customer, false) as seeks_customer,
    coalesce(wish.seeks_co_development, false) as seeks_co_development
from {{ ref('int_company__survey') }} as company
inner join {{ ref('int_company__consent') }} as consent on company.company_id = consent.company_id
inner join {{ ref('int_survey__profile') }} as profile
    on company.company_id = profile.company_id and company.last_wave_id = profile.wave_id
left join postcode on profile.postcode = postcode.postcode
left join wish on company.company_id = wish.company_id
where consent.may_store and consent.may_match
