"""What was known on a date: which delivery of each slice was in force then, and where its tables lie.

Every delivery stays (``raw/``, ``lake/``), so that a figure of the past can be told from a figure that was revised. An
older delivery that is put back counts again from then on; ``raw/returned.jsonl`` remembers when.

Belongs here: choosing snapshots by time. Does not belong here: which are in force in a build (``dock.write_meta``).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.contract import Source
from ingest.snapshot import Sidecar, landed
from warehouse.errors import KettenwerkError
from warehouse.lake import table_folder
from warehouse.paths import Lineage


def in_force(lineage: Lineage, source: Source, on: date | None = None) -> list[Sidecar]:
    """Per dataset and slice the delivery that was the newest at the end of a day (UTC); today when ``on`` is None."""
    sidecars = {sidecar.snapshot_id: sidecar for sidecar in landed(lineage, source.source_id)}
    came = [(s.retrieved_at, s.vintage_id, s) for s in sidecars.values()]
    returned = [(at, "~", sidecars[name]) for at, name in _returned(lineage) if name in sidecars]
    newest: dict[tuple[str, str], Sidecar] = {}
    for at, _, sidecar in sorted([*came, *returned], key=lambda event: event[:2]):
        if on is None or at[:10] <= on.isoformat():
            newest[(sidecar.dataset_code, sidecar.partition_key)] = sidecar
    return [newest[key] for key in sorted(newest)]


def note_returned(lineage: Lineage, source: Source, now_in_force: set[str]) -> None:
    """Remember which deliveries of a source count again although newer ones had come."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    expected = {sidecar.snapshot_id for sidecar in in_force(lineage, source)}
    with _log(lineage).open("a", encoding="utf-8") as handle:
        for name in sorted(now_in_force - expected):
            handle.write(json.dumps({"at": at, "snapshot_id": name}) + "\n")


def _returned(lineage: Lineage) -> list[tuple[str, str]]:
    path = _log(lineage)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(entry["at"], entry["snapshot_id"]) for entry in map(json.loads, lines)]


def _log(lineage: Lineage) -> Path:
    return lineage.raw / "returned.jsonl"


def tables_in_force(lineage: Lineage, source: Source, on: date | None = None) -> dict[str, list[Path]]:
    """Parquet files by table name that were in force on a date; a table without any is left out.

    Raises:
        KettenwerkError: nothing of the source was known then.
    """
    snapshots = {sidecar.snapshot_id for sidecar in in_force(lineage, source, on)}
    found = {
        name: sorted(
            p for p in table_folder(lineage.lake, source.source_id, name).glob("*.parquet") if p.stem in snapshots
        )
        for name in source.tables
    }
    if not any(found.values()):
        raise KettenwerkError(
            f"nothing was known{f' on {on}' if on else ''}",
            where=source.source_id,
            expected="at least one delivery that had landed by then",
            todo=f"call 'kettenwerk vintages {source.source_id}' to see what landed when",
        )
    return {name: files for name, files in found.items() if files}
