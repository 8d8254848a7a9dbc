{{ config(meta={'rule_id': 'SRV-004'}) }}
-- Every answer lies in the band whose middle stands for it: an answer and its middle are never in two bands.
with answered as (
    select
        s.company_id, s.automotive_share_pct,
        row_number() over (partition by s.company_id order by s.wave_id desc) as wave_rank
    from {{ ref('int_survey__scalar') }} as s
)

select a.company_id, e.automotive_band_mid_pct
from answered as a
left join {{ ref('int_market_fit__exposure') }} as e on a.company_id = e.company_id
where
    a.wave_rank = 1
    and (
        e.company_id is null
        or (a.automotive_share_pct is null) <> (e.automotive_band_mid_pct is null)
        {%- for upper in [0, 10, 25, 50, 80] %}
        or (a.automotive_share_pct <= {{ upper }}) <> (e.automotive_band_mid_pct <= {{ upper }})
        {%- endfor %}
    )
