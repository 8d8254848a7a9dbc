-- Grain: one row per wave, buying company and input slot of the questionnaire.
-- Why: who buys what from where, as the buyer states it. A supplier gets an id only if its name equals, in its
-- normalised form, the name of exactly one company and both sides agreed to named links; otherwise the country stays.
with buyer as (
    select
        company.company_id,
        company.kreis_ags,
        company.wz2008_code,
        coalesce(consent.may_name_links, false) as may_name_links
    from {{ ref('dim_company') }} as company
    left join {{ ref('int_company__consent') }} as consent on company.company_id = consent.company_id
    where company.is_current
),

supplier as (
    select name.company_id, name.name_key, buyer.kreis_ags, buyer.wz2008_code, buyer.may_name_links
    from {{ ref('int_company__name_key') }} as name
    inner join buyer on name.company_id = buyer.company_id
    where name.is_unique
),

link as (
    select
        supply.wave_id,
        supply.company_id as buyer_company_id,
        supply.slot_code,
        supply.hs4_code,
        supply.country_iso2_code,
        supply.share_pct,
        supply.share_low_pct,
        supply.share_high_pct,
        supply.switch_time_code,
        supply.snapshot_id,
        buyer.kreis_ags as buyer_kreis_ags,
        buyer.wz2008_code as buyer_wz2008_code,
        supplier.company_id as matched_company_id,
        case when buyer.may_name_links and supplier.may_name_links then supplier.company_id end as supplier_company_id,
        supplier.kreis_ags as supplier_kreis_ags,
        supplier.wz2008_code as supplier_wz2008_code
    from {{ ref('int_survey__supply') }} as supply
    inner join buyer on supply.company_id = buyer.company_id
    left join {{ ref('int_survey__supplier_key') }} as named
        on supply.wave_id = named.wave_id
        and supply.company_id = named.company_id
        and supply.slot_code = named.slot_code
    left join supplier on named.name_key = supplier.name_key
)

select
    cast(md5(wave_id || '|' || buyer_company_id || '|' || slot_code) as varchar) as supply_link_id,
    cast(wave_id as varchar) as wave_id,
    cast(supplier_company_id as varchar) as supplier_company_id,
    cast(buyer_company_id as varchar) as buyer_company_id,
    cast(country_iso2_code as varchar) as supplier_country_iso2_code,
    cast({{ setting('country_code') }} as varchar) as buyer_country_iso2_code,
    cast(case when supplier_company_id is not null then supplier_kreis_ags end as varchar) as supplier_kreis_ags,
    cast(buyer_kreis_ags as varchar) as buyer_kreis_ags,
    cast(case when supplier_company_id is not null then supplier_wz2008_code end as varchar) as supplier_wz2008_code,
    cast(buyer_wz2008_code as varchar) as buyer_wz2008_code,
    cast(hs4_code as varchar) as hs4_code,
    cast(null as varchar) as hs6_code,
    cast(share_pct as double) as share_of_buyer_purchases_pct,
    cast(share_low_pct as double) as share_band_low_pct,
    cast(share_high_pct as double) as share_band_high_pct,
    cast(null as double) as share_of_supplier_sales_pct,
    cast(switch_time_code as varchar) as substitutability_code,
    cast(null as integer) as lead_time_days,
    cast('stated_by_buyer' as varchar) as evidence_code,
    cast({{ var('supply_link_confidence_stated_by_buyer') }} as double) as confidence_share,
    cast(supplier_company_id is not null as boolean) as is_named_with_consent,
    cast(snapshot_id as varchar) as snapshot_id
from link
where matched_company_id is null or matched_company_id <> buyer_company_id
