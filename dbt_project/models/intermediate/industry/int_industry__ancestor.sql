-- Grain: industry code (section to class) x each code above it, itself and the total included.
-- Why: a class is counted inside its group, its division, its section and the total; whoever has a figure of one of them
-- finds the others here instead of cutting digits, which sections have none of.
with code as (
    select wz_revision, wz_code, wz_level, parent_wz_code
    from {{ ref('int_industry__wz') }}
    where wz_level <= 4
),

step as (
    select wz_revision, wz_code, wz_level, wz_code as ancestor_code, wz_level as ancestor_level, parent_wz_code
    from code
),

-- Four levels: three steps up reach the section from anywhere.
one_up as (
    select s.wz_revision, s.wz_code, s.wz_level, p.wz_code as ancestor_code, p.wz_level as ancestor_level, p.parent_wz_code
    from step as s
    inner join code as p on s.wz_revision = p.wz_revision and s.parent_wz_code = p.wz_code
),

two_up as (
    select s.wz_revision, s.wz_code, s.wz_level, p.wz_code as ancestor_code, p.wz_level as ancestor_level, p.parent_wz_code
    from one_up as s
    inner join code as p on s.wz_revision = p.wz_revision and s.parent_wz_code = p.wz_code
),

three_up as (
    select s.wz_revision, s.wz_code, s.wz_level, p.wz_code as ancestor_code, p.wz_level as ancestor_level
    from two_up as s
    inner join code as p on s.wz_revision = p.wz_revision and s.parent_wz_code = p.wz_code
)

select wz_revision, wz_code, wz_level, ancestor_code, ancestor_level from step
union all
select wz_revision, wz_code, wz_level, ancestor_code, ancestor_level from one_up
union all
select wz_revision, wz_code, wz_level, ancestor_code, ancestor_level from two_up
union all
select wz_revision, wz_code, wz_level, ancestor_code, ancestor_level from three_up
union all
select wz_revision, wz_code, wz_level, 'TOTAL', 0 from code
