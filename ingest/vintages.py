"""What was known on a date: which delivery of each slice was in force then, and where its tables lie.

Every delivery stays (``raw/``, ``lake/``), so that a figure of the past can be told from a figure that was revised.

Belongs here: choosing snapshots by time. Does not belong here: which are in force in a build (``dock.write_meta``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ingest.contract import Source
from ingest.snapshot import Sidecar, landed
from warehouse.errors import KettenwerkError
from warehouse.lake import table_folder
from warehouse.paths import Lineage


def in_force(lineage: Lineage, source: Source, on: date | None = None) -> list[Sidecar]:
    """Per dataset and slice the delivery that was the newest at the end of a day (UTC); today when ``on`` is None."""
    newest: dict[tuple[str, str], Sidecar] = {}
    for sidecar in landed(lineage, source.source_id):
        if on is not None and sidecar.retrieved_at[:10] > on.isoformat():
            continue
        key = (sidecar.dataset_code, sidecar.partition_key)
        before = newest.get(key)
        if before is None or _age(before) < _age(sidecar):
            newest[key] = sidecar
    return [newest[key] for key in sorted(newest)]


def _age(sidecar: Sidecar) -> tuple[str, str]:
    return sidecar.retrieved_at, sidecar.vintage_id


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
