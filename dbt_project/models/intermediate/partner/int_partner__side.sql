-- Grain: one row per kind of match, fact of the seeker and fact of the candidate that speak for it.
-- Why: what the two have to do with each other, by kind, in one place: a supplier makes what the seeker buys.
select 'supplier' as match_type_code, 'buys' as seeker_fact_code, 'makes' as candidate_fact_code, true as is_good
union all
select 'supplier', 'outsources', 'masters', false
union all
select 'customer', 'makes', 'buys', true
union all
select 'customer', 'masters', 'outsources', false
union all
select 'co_development', 'makes', 'makes', true
union all
select 'co_development', 'masters', 'masters', false
union all
select 'capacity_sharing', 'makes', 'makes', true
union all
select 'capacity_sharing', 'masters', 'masters', false
