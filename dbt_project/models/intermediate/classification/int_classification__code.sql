-- Grain: one code of one classification and edition, from the lists in force.
-- Why: a bridge must know every code a figure can come under, also those no correspondence names.
select c.scheme, c.code, c.level, c.label
from {{ ref('stg_correspondence__code') }} as c
inner join {{ ref('int_meta__snapshot') }} as s on c.snapshot_id = s.snapshot_id and s.is_latest_vintage
union all
select scheme, code, level, label
from {{ ref('int_classification__cn') }}
where not is_yearly_list
union all
select h.classification_code, h.product_code, h.product_level, max(coalesce(h.product_name_en, h.product_name_de))
from {{ ref('stg_hs__product') }} as h
inner join {{ ref('int_meta__snapshot') }} as s on h.snapshot_id = s.snapshot_id and s.is_latest_vintage
group by h.classification_code, h.product_code, h.product_level
union all
select w.wz_revision, w.wz_code, w.wz_level, w.title_de
from {{ ref('stg_wz__code') }} as w
inner join {{ ref('int_meta__snapshot') }} as s on w.snapshot_id = s.snapshot_id and s.is_latest_vintage
