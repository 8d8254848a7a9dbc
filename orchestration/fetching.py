"""Fetching from the command line: which sources, and what is said about it.

Belongs here: choosing and printing. Does not belong here: fetching itself (``ingest.fetching.fetch``).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from ingest.errors import FetchError
from ingest.fetching.fetch import Outcome, Planned, fetch
from ingest.registry import sources
from ingest.vintages import in_force, tables_in_force
from orchestration import show
from warehouse.errors import SettingsError
from warehouse.paths import Lineage
from warehouse.publish import writer
from warehouse.query import ask_files
from warehouse.region import Region
from warehouse.settings import Settings
from warehouse.steps import Listener, listening


def fetch_sources(
    settings: Settings, wanted: str, endpoint: str | None, partitions: list[str], dry_run: bool, listener: Listener
) -> list[Outcome]:
    """Fetch from one source or all that have a connector; the first error ends it, what came before is kept."""
    if settings.is_synthetic:
        raise SettingsError(
            "profile sample holds invented data only; fetched data would mix with it (LND-007)",
            where="--profile sample",
            expected="--profile live",
        )
    known = {source_id: source for source_id, source in sources().items() if source.fetch}
    if wanted != "all" and wanted not in known:
        raise FetchError(
            source=wanted, asked="a connector", problem="this source has none", expected="one of: " + ", ".join(known),
            todo="put its file into the inbox, or choose another source",
        )  # fmt: skip
    lineage = Lineage.of(settings)
    region = Region.load(settings.region)
    chosen = list(known.values()) if wanted == "all" else [known[wanted]]
    with listening(listener), writer(lineage):
        return [
            fetch(source, lineage, region, endpoint=endpoint, wanted=partitions, dry_run=dry_run) for source in chosen
        ]


def report(outcomes: list[Outcome], dry_run: bool, as_json: bool) -> None:
    """Say what was offered and brought, and what was left aside and why."""
    if as_json:
        show.as_json([asdict(outcome) for outcome in outcomes])
        return
    names = ["source", "partition", "file", "state", "bytes", "requests"]
    rows = [
        [f"{o.source_id}/{p.endpoint}", p.ask.partition_key, p.ask.file_name, p.reason, p.ask.byte_count or "?", p.ask.request_count]
        for o in outcomes
        for p in o.planned
    ]  # fmt: skip
    if dry_run and rows:
        show.rows(names, rows, "table")
    for outcome in outcomes:
        show.out.print(_sentence(outcome, dry_run), markup=False, soft_wrap=True)
        for endpoint, reason in outcome.left.items():
            show.out.print(f"  {outcome.source_id}/{endpoint} was not asked: {reason}", markup=False, soft_wrap=True)
        if outcome.unasked:
            show.out.print(f"  still here, though nothing asks for it any more: {', '.join(outcome.unasked)}; "
                           "to let go of it, drop a delivery without it", markup=False, soft_wrap=True)  # fmt: skip


def _sentence(outcome: Outcome, dry_run: bool) -> str:
    due = [p for p in outcome.planned if p.is_due]
    if dry_run:
        return f"{outcome.source_id}: {len(due)} of {len(outcome.planned)} would be asked for, {_cost(due)}; nothing was brought."
    return (
        f"{outcome.source_id}: {len(outcome.brought)} new of {len(outcome.planned)} offered, "
        f"{outcome.byte_count:,} bytes with {outcome.request_count} requests."
    )


def _cost(due: list[Planned]) -> str:
    known = sum(p.ask.byte_count or 0 for p in due)
    unknown = sum(p.ask.byte_count is None for p in due)
    requests = sum(p.ask.request_count for p in due)
    return f"{known:,} bytes{f' and {unknown} of unknown size' if unknown else ''} with {requests} requests"


def known_on(
    lineage: Lineage, source_id: str, on: date | None, statement: str | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Which deliveries were in force on a day, or the answer of ``statement`` on them."""
    if source_id not in sources():
        raise SettingsError(f"there is no source '{source_id}'", expected="one of: " + ", ".join(sources()))
    source = sources()[source_id]
    if statement and source.is_confidential:
        raise SettingsError(
            f"what {source_id} delivered is confidential and is answered by the published files only",
            expected="a source that is not confidential",
            todo="ask the release: kettenwerk sql",
        )
    if statement:
        return ask_files(tables_in_force(lineage, source, on), statement)
    names = ["dataset", "partition", "vintage", "retrieved_at", "rows", "sha256"]
    return names, [
        (s.dataset_code, s.partition_key, s.vintage_id, s.retrieved_at, s.row_count, s.sha256[:16])
        for s in in_force(lineage, source, on)
    ]
