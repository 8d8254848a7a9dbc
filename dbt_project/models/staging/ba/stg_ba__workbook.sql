-- Grain: one row per delivered table and snapshot.
-- Why: which mapping a table was read with: layouts are declared, not known.
select
    cast(table_code as varchar) as table_code,
    cast(reference_date as date) as reference_date,
    cast(sheet_name as varchar) as sheet_name,
    cast(cell_count as bigint) as cell_count,
    cast(mapping_name as varchar) as mapping_name,
    cast(mapping_text as varchar) as mapping_text,
    cast(source_row as bigint) as source_row,
    cast(snapshot_id as varchar) as snapshot_id
from {{ source('ba', 'workbook') }}
