"""What Dagster shows beside an asset: owner, licence, rows, units, links.

Belongs here: turning facts of the rooms into Dagster metadata. Does not belong here: the facts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg

from ingest.contract import Source
from ingest.fetching.fetch import Outcome
from ingest.snapshot import Sidecar
from warehouse.release import Manifest

OWNERS = {
    "survey": "team:survey", "trade": "team:trade", "registers": "team:registers", "statistics": "team:statistics",
    "works": "team:data_engineering",
}  # fmt: skip


def source_metadata(source: Source) -> dict[str, Any]:
    """Facts of a source that do not change from run to run."""
    return {
        "publisher": source.publisher,
        "licence": source.licence,
        "attribution": source.attribution,
        "restriction": source.restriction_code,
        "source": dg.MetadataValue.url(source.url),
        "tables": dg.MetadataValue.md("\n".join(f"- `{n}`: {t.description.strip()}" for n, t in source.tables.items())),
    }


def receipt_metadata(new: list[Sidecar], present: list[str], rows: int) -> dict[str, Any]:
    """What a source brought in this run."""
    return {
        "dagster/row_count": rows,
        "new_snapshots": len(new),
        "present_snapshots": len(present),
        "files": dg.MetadataValue.md(
            "\n".join(f"- {s.file_name}: {s.row_count:,} rows, {s.byte_count:,} bytes" for s in new) or "nothing new"
        ),
    }


def outcome_metadata(outcome: Outcome) -> dict[str, Any]:
    """What a source offered and gave, and in which state it said it was (the change detection)."""
    records = [
        dg.TableRecord(
            {"endpoint": p.endpoint, "partition": p.ask.partition_key, "state": p.reason, "cursor": p.ask.cursor or "?"}
        )
        for p in outcome.planned
    ]
    return {
        "brought_files": len(outcome.brought),
        "brought_bytes": outcome.byte_count,
        "requests": outcome.request_count,
        "offered": dg.MetadataValue.table(records) if records else "nothing",
        "no_longer_asked": ", ".join(outcome.unasked) or "none",
        "not_asked": dg.MetadataValue.md("\n".join(f"- {k}: {v}" for k, v in outcome.left.items()) or "none"),
    }


def candidate_metadata(manifest: Manifest, folder: Path) -> dict[str, Any]:
    """Tables and rows of a candidate or release."""
    records = [
        dg.TableRecord({"audience": audience, "table": name, "rows": facts.rows})
        for audience, tables in manifest.tables.items()
        for name, facts in tables.items()
    ]
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    return {
        "release_id": manifest.release_id,
        "fingerprint": manifest.fingerprint,
        "tables": dg.MetadataValue.table(records) if records else "none",
        "byte_count": size,
        "folder": dg.MetadataValue.path(str(folder)),
        "synthetic": manifest.is_synthetic,
    }
