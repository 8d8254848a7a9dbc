"""From lake records to companies and their consent: the one step that reads names to give ids.

Exact keys give every record an id; what the ledger says of two ids makes them one; what the method finds beyond that goes into
the ledger or to a person. Belongs here: that order, and writing ``lake/identity``. Does not belong here: any of these steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from warehouse.lake import write_system_table
from warehouse.methods.linkage import LinkageSettings
from warehouse.paths import Lineage
from warehouse.privacy.clusters import Clusters
from warehouse.privacy.company_records import SURVEYS, answers, events, known_records, named_records
from warehouse.privacy.consent import in_force, record_events
from warehouse.privacy.erasure.tombstones import Tombstones
from warehouse.privacy.ledger import clusters, decisions
from warehouse.privacy.matching import match
from warehouse.privacy.pseudonyms import Assignment, Record, assign
from warehouse.privacy.texts import record_texts
from warehouse.region import Region
from warehouse.steps import step
from warehouse.text_dictionary import coder_of

LINKED = "decision"


@dataclass(frozen=True)
class Identified:
    """Counts of one identification. ``conflicts``: a weaker key pointed to another company; nothing was merged for that."""

    records: int
    companies: int
    conflicts: int
    compared: int
    automatic: int
    candidates: int


def identify(lineage: Lineage, region: Region, snapshots: pl.DataFrame, is_synthetic: bool) -> Identified:
    """Give every company of the region its id; write the tables of ``lake/identity``."""
    records = list(_without_erased(lineage, known_records(lineage, region, snapshots)))
    assigned = assign(lineage, records)
    named = list(_without_erased(lineage, named_records(lineage, snapshots)))
    matched = match(lineage, LinkageSettings.from_mapping(region.yaml("linkage.yml")), assigned, named)
    tied = clusters(lineage)
    own = {tied.canonical(a.company_id) for a in assigned}
    assigned += [a for a in matched.named if tied.canonical(a.company_id) in own]
    _write_keys(lineage, assigned, tied, is_synthetic)
    _write_decisions(lineage, tied)
    found = matched.candidates.with_columns(pl.col("company_id").replace(tied.shown))
    found = found.with_columns(pl.col("candidate_company_id").replace(tied.shown))
    write_system_table(lineage.lake, "identity", "candidate", found)
    responses, given = _responses_of(assigned), answers(lineage, snapshots)
    record_events(lineage, responses, given, events(lineage, snapshots))
    record_texts(lineage, coder_of(region), given, responses, tied)
    companies = sorted({tied.canonical(a.company_id) for a in assigned})
    write_system_table(lineage.lake, "identity", "consent", in_force(lineage, companies))
    done = Identified(
        len(assigned), len(companies), sum(a.conflict for a in assigned), matched.compared, matched.automatic,
        matched.candidates["company_id"].n_unique(),
    )  # fmt: skip
    said = f"{done.records:,} records, {done.companies:,} companies"
    if done.compared:
        said += (
            f"; {done.compared:,} compared with the registers: {done.automatic:,} found, {done.candidates:,} for review"
        )
    step("vault", "identified", said, **done.__dict__)
    return done


def _write_keys(lineage: Lineage, assigned: list[Assignment], tied: Clusters, is_synthetic: bool) -> None:
    rows = [
        (a.record.source_id, a.record.record_id, (shown := tied.canonical(a.company_id)),
         a.key_type if shown == a.company_id else LINKED, is_synthetic)
        for a in assigned
    ]  # fmt: skip
    names = ("source_id", "record_id", "company_id", "key_type_code")
    schema = dict.fromkeys(names, pl.String()) | {"is_synthetic": pl.Boolean()}
    write_system_table(lineage.lake, "identity", "company_key", pl.DataFrame(rows, schema=schema, orient="row"))


def _write_decisions(lineage: Lineage, tied: Clusters) -> None:
    """The ledger without its evidence: what a reader of the build needs to see that every merge has its row."""
    rows = [
        (d.decision_id, d.action, tied.canonical(d.left), tied.canonical(d.right), d.left, d.right, d.method, d.probability,
         d.decided_on, d.effective_on, d.is_active)
        for d in decisions(lineage)
    ]  # fmt: skip
    text = ("decision_id", "action_code", "company_id", "other_company_id", "left_id", "right_id", "method_code")
    schema = dict.fromkeys(text, pl.String()) | {
        "probability": pl.Float64(), "decided_on": pl.Date(), "effective_on": pl.Date(), "is_in_force": pl.Boolean(),
    }  # fmt: skip
    write_system_table(lineage.lake, "identity", "decision", pl.DataFrame(rows, schema=schema, orient="row"))


def _without_erased(lineage: Lineage, records: list[Record]) -> Iterator[Record]:
    """Open registers never bring an erased company back; only its own new answer does."""
    stones = Tombstones.of(lineage)
    if stones.is_empty:
        yield from records
        return
    answered = {key for record in records if record.source_id in SURVEYS for key in record.keys}
    for record in records:
        erased = [key for key in record.keys if key not in answered and stones.has_key(*key)]
        if not erased or record.source_id in SURVEYS:
            yield record


def _responses_of(assigned: list[Assignment]) -> dict[str, str]:
    """Company of every response by exact keys: a decision that is taken back takes no consent along."""
    return {a.record.record_id: a.company_id for a in assigned if a.record.source_id in SURVEYS}
