"""An erasure from first to last, in an order in which a kill at any moment loses nothing: calling again ends it.

1. tombstones: from now on nothing of the company is taken in again, and whom this is about is remembered, encrypted;
2. deliveries, those that lie here and those that landed, are rewritten without it;
3. vault, the works' own tables, kept releases, evidence of runs and logs lose it;
4. every file is searched; the proof is written; only a search that finds nothing ends the erasure.

Belongs here: that order. Does not belong here: how each place loses someone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.dock import write_meta
from ingest.registry import sources
from ingest.removal import clean_deliveries, survey_sources
from ingest.rewriting import rewrite_snapshots
from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table
from warehouse.paths import Lineage, remove_tree
from warehouse.privacy.company_records import known_records, named_records
from warehouse.privacy.erasure.forgetting import Erasure, begin, end, forget, unfinished
from warehouse.privacy.erasure.proof import write_proof
from warehouse.privacy.erasure.releases import Redacted, redact_releases
from warehouse.privacy.erasure.search import Search, search
from warehouse.privacy.erasure.subject import Subject, find
from warehouse.privacy.erasure.traces import overwrite_traces
from warehouse.privacy.vault import Vault
from warehouse.publish import writer
from warehouse.region import Region
from warehouse.settings import Settings
from warehouse.steps import step


@dataclass(frozen=True)
class Erased:
    """What an erasure did, and where its proof lies."""

    erasure_id: str
    proof: Path
    removed: dict[str, int]
    releases: list[Redacted]
    search: Search


def erase(settings: Settings, region: Region, who: str, reason: str) -> Erased:
    """Erase a company, named by its id or by one of its responses.

    Raises:
        KettenwerkError: nothing is held under this id; or something was found afterwards, which the proof names.
    """
    lineage = Lineage.of(settings)
    with writer(lineage):
        open_ones = {i: e for e in unfinished(lineage) for i in e.subject.ids}
        if who in open_ones:
            return _carry_out(settings, lineage, open_ones[who])
        subject = find(lineage, who)
        erasure = begin(lineage, subject, _keys(lineage, region, subject), reason)
        step("vault", "erasing", f"erasure {erasure.erasure_id} has begun")
        return _carry_out(settings, lineage, erasure)


def resume(settings: Settings) -> list[Erased]:
    """End what a kill stopped in the middle."""
    lineage = Lineage.of(settings)
    with writer(lineage):
        return [_carry_out(settings, lineage, erasure) for erasure in unfinished(lineage)]


def _keys(lineage: Lineage, region: Region, subject: Subject) -> tuple[tuple[str, str], ...]:
    """Identity keys of the company's records; register number and LEI are what open registers know it by."""
    snapshots = read_system_table(lineage.lake, "meta", "snapshot")
    own = set(subject.records)
    records = [
        r
        for r in [*known_records(lineage, region, snapshots), *named_records(lineage, snapshots)]
        if (r.source_id, r.record_id) in own
    ]
    return tuple(sorted({key for record in records for key in record.keys}))


def _carry_out(settings: Settings, lineage: Lineage, erasure: Erasure) -> Erased:
    subject = erasure.subject
    rewritten: list[str] = []
    for source in survey_sources():
        clean_deliveries(source, lineage, settings)
        rewritten += rewrite_snapshots(source, lineage)
    removed = forget(lineage, erasure)
    write_meta(lineage, settings)
    for build in lineage.build.glob("*"):
        remove_tree(build)
    releases = redact_releases(lineage, subject.ids, erasure.erasure_id)
    overwrite_traces(lineage, subject.traces)
    found = search(lineage, subject, tuple(_published(lineage)))
    proof = write_proof(
        lineage, erasure, removed=removed, rewritten=rewritten, releases=releases, search=found,
        published_by={s.source_id: s.licence for s in sources().values() if s.source_id in _registers()},
    )  # fmt: skip
    if found.found:
        raise KettenwerkError(
            f"{len(found.found)} files still name the company", where=found.found[0], expected="no trace outside open registers",
            todo=f"see {proof}; remove or rewrite these files, then call 'kettenwerk erase --resume'",
        )  # fmt: skip
    end(lineage, erasure)
    step("vault", "erased", f"erasure {erasure.erasure_id}: nothing found in {sum(found.searched.values())} files")
    return Erased(erasure.erasure_id, proof, removed, releases, found)


def _registers() -> list[str]:
    """Open registers: what their owners publish stays as they published it."""
    return [s.source_id for s in sources().values() if s.kind_code == "register" and not s.is_confidential]


def _published(lineage: Lineage) -> Iterator[Path]:
    """Where copies of open registers lie."""
    for source_id in _registers():
        for folder in (lineage.inbox, lineage.fetched, lineage.raw, lineage.lake):
            yield folder / source_id


def refuse_unfinished(lineage: Lineage) -> None:
    """Nothing is built while an erasure stands half done.

    Raises:
        KettenwerkError: one does.
    """
    open_ones = unfinished(lineage) if Vault(lineage).path.exists() else []
    if open_ones:
        raise KettenwerkError(
            "an erasure was stopped in the middle", where=open_ones[0].erasure_id, expected="an erasure that ended",
            todo="call: kettenwerk erase --resume",
        )  # fmt: skip
