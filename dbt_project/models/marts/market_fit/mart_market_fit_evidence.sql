-- Grain: one figure or fact behind one market-fit score.
-- Why: whoever doubts a score opens what it is made of: value, source, delivery, and the query that returns the rows.
select
    cast(company_id as varchar) as company_id,
    cast(target_market_id as varchar) as target_market_id,
    cast(score_version as varchar) as score_version,
    cast(evidence_no as integer) as evidence_no,
    cast(component_code as varchar) as component_code,
    cast(statement_de as varchar) as statement_de,
    cast(value as double) as value,
    cast(unit_code as varchar) as unit_code,
    cast(year as integer) as year,
    cast(source_id as varchar) as source_id,
    cast(snapshot_id as varchar) as snapshot_id,
    cast(opened_in_code as varchar) as opened_in_code,
    cast(query_sql as varchar) as query_sql
from {{ ref('int_market_fit__evidence') }}
