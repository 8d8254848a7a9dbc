-- Grain: one row per wave, Kreis, WZ division and size band, with 'TOTAL' in every combination of the three.
-- Why: where the survey is thick enough to speak. Frame, invited and official establishment counts stay NULL until a
-- frame list is loaded, the weights are 1 and so is the design effect.
{%- set publishable -%}
(cell.complete_count >= limits.k
        and cell.largest_headcount <= limits.dominance_1 * cell.complete_headcount
        and cell.two_largest_headcount <= limits.dominance_2 * cell.complete_headcount)
{%- endset %}
with respondent as (
    select
        profile.wave_id,
        profile.company_id,
        profile.kreis_ags,
        profile.wz2_code,
        profile.headcount_band_code,
        profile.is_complete,
        coalesce(profile.headcount, 0) as headcount
    from {{ ref('int_survey__profile') }} as profile
),

margin as (
    select 'own' as margin_code
    union all
    select 'TOTAL'
),

cell_member as (
    select
        respondent.wave_id,
        case k.margin_code when 'TOTAL' then 'TOTAL' else respondent.kreis_ags end as kreis_ags,
        case w.margin_code when 'TOTAL' then 'TOTAL' else respondent.wz2_code end as wz2_code,
        case b.margin_code when 'TOTAL' then 'TOTAL' else respondent.headcount_band_code end as headcount_band_code,
        respondent.company_id,
        respondent.is_complete,
        respondent.headcount
    from respondent
    cross join margin as k
    cross join margin as w
    cross join margin as b
),

ranked as (
    select
        *,
        row_number() over (
            partition by wave_id, kreis_ags, wz2_code, headcount_band_code
            order by case when is_complete then headcount else -1 end desc, company_id
        ) as size_rank
    from cell_member
),

cell as (
    select
        wave_id,
        kreis_ags,
        wz2_code,
        headcount_band_code,
        sum(case when is_complete then 1 else 0 end) as complete_count,
        sum(case when is_complete then 0 else 1 end) as partial_count,
        sum(case when is_complete then headcount else 0 end) as complete_headcount,
        sum(case when is_complete and size_rank = 1 then headcount else 0 end) as largest_headcount,
        sum(case when is_complete and size_rank <= 2 then headcount else 0 end) as two_largest_headcount
    from ranked
    group by wave_id, kreis_ags, wz2_code, headcount_band_code
),

limits as (
    select
        cast({{ setting('privacy_k') }} as integer) as k,
        cast({{ setting('privacy_dominance_1') }} as double) as dominance_1,
        cast({{ setting('privacy_dominance_2') }} as double) as dominance_2
)

select
    cast(cell.wave_id as varchar) as wave_id,
    cast(cell.kreis_ags as varchar) as kreis_ags,
    cast(cell.wz2_code as varchar) as wz2_code,
    cast(cell.headcount_band_code as varchar) as headcount_band_code,
    cast(null as integer) as frame_count,
    cast(null as integer) as official_count,
    cast(null as integer) as invited_count,
    cast(cell.complete_count as integer) as complete_count,
    cast(cell.partial_count as integer) as partial_count,
    cast(null as double) as response_rate_pct,
    -- Official figures know no size bands. With one company, coverage times official employees is its headcount; what may
    -- be shown is decided with all cells and the release before (int_coverage__published).
    cast(case when {{ publishable }} then coverage.mean_score end as double) as employment_coverage_pct,
    cast(1.0 as double) as design_effect,
    cast({{ publishable }} as boolean) as is_publishable
from cell
cross join limits
left join {{ ref('int_coverage__published') }} as coverage
    on cell.wave_id = coverage.wave_id
    and cell.kreis_ags = coverage.kreis_ags
    and cell.wz2_code = coverage.wz2_code
    and cell.headcount_band_code = coverage.headcount_band_code
