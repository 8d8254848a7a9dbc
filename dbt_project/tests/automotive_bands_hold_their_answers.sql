{{ config(meta={'rule_id': 'SRV-004'}) }}
-- Every answer lies in the band whose middle stands for it: an answer and its middle are never in two bands.
with answered as (
    select company.company_id, s.automotive_share_pct
    from (select distinct company_id from {{ ref('int_survey__scalar') }}) as company
    left join {{ ref('int_survey__newest') }} as n
        on company.company_id = n.company_id and n.group_code = 'automotive'
    left join {{ ref('int_survey__scalar') }} as s on n.company_id = s.company_id and n.wave_id = s.wave_id
)

select a.company_id, e.automotive_band_mid_pct
from answered as a
left join {{ ref('int_market_fit__exposure') }} as e on a.company_id = e.company_id
where
    (
        e.company_id is null
        or (a.automotive_share_pct is null) <> (e.automotive_band_mid_pct is null)
        {%- for upper in [0, 10, 25, 50, 80] %}
        or (a.automotive_share_pct <= {{ upper }}) <> (e.automotive_band_mid_pct <= {{ upper }})
        {%- endfor %}
    )
