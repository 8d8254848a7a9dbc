{{ config(
    severity='warn',
    meta={
        'rule_id': 'TRD-015',
        'needs': "int_classification__bridge where scheme_from like 'CN%' and scheme_to like 'CN%' and scheme_from in (select distinct classification_code from fct_trade_flow)"
    }
) }}
-- A year's trade, carried to the codes of the next or the last year, is still all there. Weights that add up say
-- nothing about a traded code the list does not know: its value would be lost. Filler codes have no counterpart
-- anywhere and stay out.
with traded as (
    select classification_code, product_code, sum(value_eur) as value_eur
    from {{ ref('fct_trade_flow') }}
    where is_latest_vintage and classification_code like 'CN%' and product_level = 8 and product_code not like '%X%'
    group by classification_code, product_code
),

direction as (
    select distinct scheme_from, scheme_to
    from {{ ref('int_classification__bridge') }}
    where scheme_from like 'CN%' and scheme_to like 'CN%'
),

before as (
    select d.scheme_from, d.scheme_to, sum(t.value_eur) as value_eur
    from direction as d
    inner join traded as t on d.scheme_from = t.classification_code
    group by d.scheme_from, d.scheme_to
),

after as (
    select b.scheme_from, b.scheme_to, sum(t.value_eur * b.weight) as value_eur
    from traded as t
    inner join {{ ref('int_classification__bridge') }} as b
        on t.classification_code = b.scheme_from and t.product_code = b.code_from and b.scheme_to like 'CN%'
    group by b.scheme_from, b.scheme_to
)

select
    b.scheme_from as scheme_from_code, b.scheme_to as scheme_to_code, b.value_eur, a.value_eur as carried_value_eur
from before as b
left join after as a on b.scheme_from = a.scheme_from and b.scheme_to = a.scheme_to
where 100 * abs(coalesce(a.value_eur, 0) - b.value_eur) > {{ gate('TRD-015', 'value_lost_max_pct') }} * b.value_eur
