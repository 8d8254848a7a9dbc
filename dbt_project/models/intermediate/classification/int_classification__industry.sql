-- Grain: one product code (CN, CPA, six digits of HS), one classification of goods or industries, one code there.
-- Why: no list leads from traded goods to industries in one step. The official way is CN to CPA (of which the first
-- digits mostly are the class of NACE, not always: the list decides) to NACE to WZ 2008. HS codes go through the CN
-- codes below them, editions without a CN of their own through the nearest edition that has one.
with step as (
    select * from {{ ref('int_classification__step') }}
),

to_cpa as (
    select * from step where scheme_from like 'CN%' and scheme_to like 'CPA%'
),

cpa_to_nace as (
    select * from step where scheme_from like 'CPA%' and scheme_to like 'NACE%'
),

nace_to_wz as (
    select * from step where scheme_from like 'NACE%' and scheme_to = 'WZ2008'
),

cpa_to_wz as (
    {{ bridge_through('cpa_to_nace', 'nace_to_wz') }}
),

cpa as (
    select * from cpa_to_nace
    union all
    select * from cpa_to_wz
),

cn_onward as (
    {{ bridge_through('to_cpa', 'cpa') }}
),

cn as (
    select * from to_cpa
    union all
    select * from cn_onward
),

newest_cn as (
    select s.scheme_from, max(s.scheme_to) as scheme_to
    from (select distinct scheme_from, scheme_to from step where scheme_from like 'HS%' and scheme_to like 'CN%') as s
    inner join (select distinct scheme_from from cn) as c on s.scheme_to = c.scheme_from
    group by s.scheme_from
),

hs_to_cn as (
    select s.* from step as s
    inner join newest_cn as n on s.scheme_from = n.scheme_from and s.scheme_to = n.scheme_to
),

hs as (
    {{ bridge_through('hs_to_cn', 'cn') }}
),

hs_neighbour as (
    {{ nearest_edition('step', 'hs') }}
),

hs_older as (
    {{ bridge_through('hs_neighbour', 'hs') }}
),

hs_two as (
    select * from hs
    union all
    select * from hs_older
),

hs_far_neighbour as (
    {{ nearest_edition('step', 'hs_two') }}
),

hs_oldest as (
    {{ bridge_through('hs_far_neighbour', 'hs_two') }}
)

select * from cpa_to_wz
union all
select * from cn_onward
union all
select * from hs_two
union all
select * from hs_oldest
