"""Write dbt's source files from the contracts, so that no column is typed twice (``python -m ingest.dbt_sources``).

Belongs here: the one-way generation contract -> ``models/staging/<source>/_<source>__sources.yml``. A test compares
the files with what this writes. Does not belong here: anything a person edits by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingest.registry import sources
from warehouse.lake import SYSTEM_TABLES

STAGING = Path(__file__).parent.parent / "dbt_project" / "models" / "staging"
HEADER = "# Written by `python -m ingest.dbt_sources` from ingest/sources/ and warehouse/lake.py; edit those instead.\n"
LAKE_FILES = "read_parquet('{{ env_var('KETTENWERK_LAKE', 'lake') }}/%s/{name}/*.parquet', union_by_name=true)"


def _source_block(name: str, description: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version": 2,
        "sources": [
            {
                "name": name,
                "description": description,
                "config": {
                    "meta": {
                        "external_location": LAKE_FILES % name,
                        "dagster": {"asset_key": ["dock", name]},
                    }
                },
                "tables": tables,
            }
        ],
    }


def render() -> dict[Path, str]:
    """Every generated file with its text."""
    blocks: dict[str, dict[str, Any]] = {}
    for source in sources().values():
        tables = [
            {
                "name": name,
                "description": table.description.strip(),
                "columns": [{"name": column} for column in table.lake_schema],
            }
            for name, table in source.tables.items()
        ]
        blocks[source.source_id] = _source_block(source.source_id, source.title, tables)
    for owner in dict.fromkeys(owner for owner, _ in SYSTEM_TABLES):
        tables = [
            {"name": table, "columns": [{"name": column} for column in schema]}
            for (name, table), schema in SYSTEM_TABLES.items()
            if name == owner
        ]
        blocks[owner] = _source_block(owner, f"The works' own table set '{owner}'", tables)
    return {
        STAGING / name / f"_{name}__sources.yml": HEADER
        + yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=110)
        for name, block in blocks.items()
    }


def main() -> None:
    """Write the files."""
    for path, text in render().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
