-- Grain: one row per company that may be matched, kind of fact and code.
-- Why: what a match is made of, in one list: goods made and bought (HS headings, weighted by share where one was given),
-- processes mastered and had done elsewhere, customer industries.
with fact as (
    select company_id, 'makes' as fact_code, hs4_code as code, coalesce(product_share_pct, 1.0) as weight
    from {{ ref('int_company__product') }}
    union all
    select supply.company_id, 'buys' as fact_code, supply.hs4_code as code, max(coalesce(supply.share_pct, 1.0)) as weight
    from {{ ref('int_survey__supply') }} as supply
    inner join {{ ref('int_company__survey') }} as company
        on supply.company_id = company.company_id and supply.wave_id = company.last_wave_id
    where supply.hs4_code is not null
    group by supply.company_id, supply.hs4_code
    union all
    select
        competence.company_id,
        case when competence.level_code = 'purchased' then 'outsources' else 'masters' end as fact_code,
        competence.competence_id as code,
        1.0 as weight
    from {{ ref('int_company__competence') }} as competence
    inner join {{ ref('int_company__survey') }} as company
        on competence.company_id = company.company_id and competence.wave_id = company.last_wave_id
    where competence.competence_group_code = 'process' and coalesce(competence.level_code, 'own') <> 'planned'
    union all
    select answer.company_id, 'serves' as fact_code, answer.item_code as code, max(answer.answer_num) as weight
    from {{ ref('int_survey__answer') }} as answer
    inner join {{ ref('int_company__survey') }} as company
        on answer.company_id = company.company_id and answer.wave_id = company.last_wave_id
    where
        answer.question_concept_id = 'CUST_SECTOR_SHARE'
        and answer.answer_status_code = 'answered'
        and answer.answer_num > 0
    group by answer.company_id, answer.item_code
)

select fact.company_id, fact.fact_code, fact.code, cast(fact.weight as double) as weight
from fact
inner join {{ ref('int_partner__company') }} as company on fact.company_id = company.company_id
where fact.weight > 0
