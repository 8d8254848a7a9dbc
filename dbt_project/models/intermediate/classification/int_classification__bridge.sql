-- Grain: one code, one classification it is carried to, one code there.
-- Why: the one place to carry a figure from a classification to another: value times weight, summed by `code_to`. Every
-- code's weights add up to 1, what has no counterpart included ('UNMAPPED'), so that value is conserved. A weight below
-- 1 rests on equal shares and is an assumption; `method_code` and `is_partial` say so.
with bridged as (
    select * from {{ ref('int_classification__step') }}
    union all
    select * from {{ ref('int_classification__industry') }}
    union all
    select * from {{ ref('int_classification__heading') }}
),

-- Years that only Comext's list of all years joins.
by_trade_list as (
    select distinct scheme_from, scheme_to from {{ ref('int_classification__cn_change') }}
    union
    select distinct scheme_to, scheme_from from {{ ref('int_classification__cn_change') }}
),

counted as (
    select
        *,
        count(*) over (partition by scheme_from, code_from, scheme_to) as count_from,
        count(*) over (partition by scheme_from, scheme_to, code_to, length(code_from)) as count_to
    from bridged
)

select
    c.scheme_from,
    c.code_from,
    c.scheme_to,
    c.code_to,
    c.weight,
    c.is_partial,
    case
        when c.code_to = 'UNMAPPED' then 'no_counterpart'
        when c.count_from = 1 and c.count_to = 1 then 'one_to_one'
        when c.count_to = 1 then 'split'
        when c.count_from = 1 then 'merge'
        else 'many_to_many'
    end as relation_code,
    case
        when c.code_to <> 'UNMAPPED' and c.weight < 1 - 1e-9 then c.method_code || '_equal_split'
        else c.method_code
    end as method_code,
    c.via,
    case when t.scheme_from is null then 'correspondence' else 'trade_list' end as source_id
from counted as c
left join by_trade_list as t on c.scheme_from = t.scheme_from and c.scheme_to = t.scheme_to
