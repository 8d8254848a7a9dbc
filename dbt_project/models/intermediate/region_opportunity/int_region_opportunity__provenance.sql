-- Grain: region x year of employment.
-- Why: a modelled row rests on many deliveries; the one it names is that of the region's employees, which decides whose
-- licence counts. Of several tables the newest delivery.
select e.region_code, e.year, max_by(e.snapshot_id, s.retrieved_at) as snapshot_id
from {{ ref('int_industry__employment_yearly') }} as e
inner join {{ ref('int_meta__snapshot') }} as s on e.snapshot_id = s.snapshot_id
group by e.region_code, e.year
