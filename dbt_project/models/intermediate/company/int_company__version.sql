-- Grain: one row per company and version of what it said of itself.
-- Why: the history behind dim_company. A wave makes a version where place, industry, size, name or form differ from what
-- held before; what a wave does not say (a pulse, a partial answer) stays as it was.
{% set groups = {
    'name': ['company_name', 'legal_form_code'],
    'place': ['ags', 'kreis_ags'],
    'activity': ['wz2008_code'],
    'size': ['sme_class_code', 'headcount_band_code'],
} %}
with said as (
    select
        profile.company_id,
        profile.answered_at,
        scalar.legal_name as company_name,
        case when scalar.legal_name is not null then scalar.legal_form_code end as legal_form_code,
        profile.ags,
        case when profile.kreis_ags <> 'unknown' then profile.kreis_ags end as kreis_ags,
        profile.wz2008_code,
        case when profile.sme_class_code <> 'unknown' then profile.sme_class_code end as sme_class_code,
        case when profile.headcount_band_code <> 'unknown' then profile.headcount_band_code end as headcount_band_code,
        row_number() over (partition by profile.company_id, profile.answered_at order by profile.wave_id desc) as moment_rank
    from {{ ref('int_survey__profile') }} as profile
    inner join {{ ref('int_survey__scalar') }} as scalar
        on profile.wave_id = scalar.wave_id and profile.company_id = scalar.company_id
    where profile.answered_at is not null
),

-- How many times each group was answered so far: rows with one count share the last answer.
counted as (
    select
        said.*,
        {% for group, columns in groups.items() -%}
        count({{ columns[-1] if group != 'name' else columns[0] }})
            over (partition by company_id order by answered_at rows unbounded preceding) as {{ group }}_count
        {{- ',' if not loop.last }}
        {% endfor %}
    from said
    where moment_rank = 1
),

known as (
    select
        company_id,
        answered_at,
        {% for group, columns in groups.items() -%}
        {% set group_loop = loop -%}
        {% for column in columns -%}
        max({{ column }}) over (partition by company_id, {{ group }}_count) as {{ column }}
        {{- ',' if not (loop.last and group_loop.last) }}
        {% endfor -%}
        {% endfor %}
    from counted
),

compared as (
    select
        known.*,
        row_number() over (partition by company_id order by answered_at) as wave_number,
        {% for columns in groups.values() -%}
        {% set group_loop = loop -%}
        {% for column in columns -%}
        lag({{ column }}) over (partition by company_id order by answered_at) as previous_{{ column }}
        {{- ',' if not (loop.last and group_loop.last) }}
        {% endfor -%}
        {% endfor %}
    from known
)

select
    company_id,
    answered_at as valid_from,
    cast(row_number() over (partition by company_id order by answered_at) as integer) as version_number,
    row_number() over (partition by company_id order by answered_at desc) = 1 as is_last,
    company_name,
    legal_form_code,
    ags,
    kreis_ags,
    wz2008_code,
    sme_class_code,
    headcount_band_code
from compared
where
    wave_number = 1
    {% for columns in groups.values() -%}
    {% for column in columns -%}
    or coalesce({{ column }}, '') <> coalesce(previous_{{ column }}, '')
    {% endfor -%}
    {% endfor %}
