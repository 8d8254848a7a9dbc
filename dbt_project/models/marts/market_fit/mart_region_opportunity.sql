-- Grain: region (Kreis or group of Kreise), HS heading of the edition in use, and year of the employment.
-- Why: modelled. Which goods lie near what a region's industries make, how demanding they are, and who buys them. There are no
-- official figures by product below a country: employees by industry are carried over to headings.
select
    s.region_code,
    s.classification_code,
    s.product_code,
    cast(s.year as integer) as year,
    cast(round(s.linked_employees_count) as integer) as linked_employees_count,
    cast(s.modelled_rca as double) as modelled_rca,
    cast(s.modelled_rca_low as double) as modelled_rca_low,
    cast(s.modelled_rca_high as double) as modelled_rca_high,
    s.is_present,
    cast(s.density as double) as density,
    cast(s.density_low as double) as density_low,
    cast(s.density_high as double) as density_high,
    cast(s.pci as double) as pci,
    cast(s.complexity_outlook_gain as double) as complexity_outlook_gain,
    cast(s.world_import_value_eur as double) as world_import_value_eur,
    cast(s.world_import_cagr_5y_pct as double) as world_import_cagr_5y_pct,
    cast(s.opportunity_score as double) as opportunity_score,
    cast(s.rank_in_region as integer) as rank_in_region,
    cast(s.rank_low as integer) as rank_low,
    cast(s.rank_high as integer) as rank_high,
    cast(s.split_share as double) as split_share,
    s.confidence_code,
    s.estimation_method_code,
    s.method_version,
    p.snapshot_id
from {{ ref('int_region_opportunity__scored') }} as s
left join {{ ref('int_region_opportunity__provenance') }} as p on s.region_code = p.region_code and s.year = p.year
