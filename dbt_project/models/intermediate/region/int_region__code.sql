-- Grain: one raw region code of the statistics with the region code used here.
-- Why: GENESIS writes 'DG' for Germany and two digits for a Land; everything else is an official key kept as text.
select
    c.region_raw_code,
    case
        when c.region_raw_code = 'DG' then 'DE'
        when length(c.region_raw_code) = 2 then coalesce(s.region_code, c.region_raw_code)
        else c.region_raw_code
    end as region_code,
    c.region_label
from (
    select region_raw_code, max(region_label) as region_label
    from {{ ref('stg_genesis__cell') }}
    group by region_raw_code
) as c
left join {{ ref('german_states') }} as s on c.region_raw_code = s.ags
