"""Survey companies found in the registers, and in each other, where exact keys do not tie them.

What the method is sure of becomes a decision in the ledger, with its reasons; what is only likely is kept as a candidate
for a person to decide. Two answers to the survey are never called one company without a person: neither of them is a
register.

Belongs here: who is compared with whom. Does not belong here: how (``warehouse.methods.linkage``), the registers' side as
it is kept (``prepared``), or what a decision does (``ledger``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import polars as pl

from warehouse.lake import write_parquet
from warehouse.methods.linkage import LinkageModel, LinkageSettings, link, prepare_register
from warehouse.methods.linkage.evidence import REASONS_DE
from warehouse.methods.linkage.resolve import AUTOMATIC, KEY_CONFLICT, REVIEW
from warehouse.paths import Lineage
from warehouse.privacy.company_records import SURVEYS
from warehouse.privacy.ledger import (
    LINKAGE,
    SAME,
    Decision,
    clusters,
    decide_automatically,
    decided_pairs,
    decisions,
)
from warehouse.privacy.prepared import FOLDER, prepared_register, records_of
from warehouse.privacy.pseudonyms import Assignment, Facts, Record, assign

MODEL = "model"
CANDIDATE: dict[str, pl.DataType] = {
    "company_id": pl.String(), "candidate_company_id": pl.String(), "side_code": pl.String(), "rank": pl.Int64(),
    "probability": pl.Float64(), "reason_code": pl.String(), "reason_de": pl.String(), "explanation_de": pl.String(),
}  # fmt: skip
EQUAL_NAMES = ("exact", "same_words")
REGISTER, SURVEY, NAMES = "register", "survey", "names"


@dataclass(frozen=True)
class Matched:
    """What a matching did: companies compared, merged for sure, and left for a person.

    ``named`` are the records without a place that were found likely for some company, with ids of their own.
    """

    compared: int
    automatic: int
    candidates: pl.DataFrame
    named: tuple[Assignment, ...] = ()


def match(
    lineage: Lineage, settings: LinkageSettings, assigned: Iterable[Assignment], named: Iterable[Record] = ()
) -> Matched:
    """Compare companies of the registers that have no LEI with ``named``, the LEIs of which only a name is known; then every
    surveyed company that no register knows with those the registers know; then those with each other.

    ``candidates``: company_id, candidate_company_id, side_code, rank, probability, reason_code, reason_de, explanation_de.
    """
    in_registers, in_surveys = _companies(assigned)
    pairs, found = _against_names(lineage, settings, in_registers, {r.record_id: r for r in named})
    by_name = _resolved(lineage, settings, pairs, REGISTER)
    known = clusters(lineage)
    there = {known.canonical(company) for company in in_registers}
    lost = {c: facts for c, facts in in_surveys.items() if known.canonical(c) not in there and facts.name}
    if not lost:
        return Matched(by_name.compared, by_name.automatic, by_name.candidates, found)
    pairs, model = _against_register(lineage, settings, lost, in_registers)
    in_register = _resolved(lineage, settings, pairs, REGISTER)
    among = _candidates(_undecided(_among(lost, settings, model), decided_pairs(decisions(lineage))), SURVEY)
    return Matched(
        by_name.compared + len(lost), by_name.automatic + in_register.automatic,
        pl.concat([by_name.candidates, in_register.candidates, among]), found,
    )  # fmt: skip


def _resolved(lineage: Lineage, settings: LinkageSettings, pairs: pl.DataFrame, side: str) -> Matched:
    """What is sure goes into the ledger, unless that stands against it; the rest is for a person."""
    compared = pairs["record_id"].n_unique() if pairs.height else 0
    pairs = _undecided(pairs, decided_pairs(decisions(lineage)))
    if pairs.is_empty():
        return Matched(compared, 0, pl.DataFrame(schema=CANDIDATE))
    sure = pairs.filter(pl.col("zone") == AUTOMATIC)
    left_open = decide_automatically(lineage, [_decision(row, settings) for row in sure.iter_rows(named=True)])
    refused = pl.DataFrame({"record_id": [d.left for d in left_open]}, schema={"record_id": pl.String})
    open_ones = pl.concat([
        pairs.filter(pl.col("zone") == REVIEW),
        sure.join(refused, on="record_id", how="semi").with_columns(reason=pl.lit(KEY_CONFLICT)),
    ])  # fmt: skip
    return Matched(compared, sure.height - len(left_open), _candidates(open_ones, side))


def _companies(assigned: Iterable[Assignment]) -> tuple[dict[str, Facts], dict[str, Facts]]:
    """Facts of every company by side; the first register that says something is believed, of answers the newest."""
    in_registers: dict[str, Facts] = {}
    in_surveys: dict[str, Facts] = {}
    for one in assigned:
        is_answer = one.record.source_id in SURVEYS
        side = in_surveys if is_answer else in_registers
        before, said = side.get(one.company_id, Facts()), one.record.facts
        side[one.company_id] = _joined(said, before) if is_answer else _joined(before, said)
    return in_registers, in_surveys


def _joined(first: Facts, second: Facts) -> Facts:
    """What the first says, and where it is silent the second; a register number never without its own court."""
    said = {name: value for name, value in asdict(first).items() if value}
    if first.register_number:
        second = replace(second, court_code=None, register_type=None)
    return Facts(**(asdict(second) | said))


def _frame(companies: dict[str, Facts]) -> pl.DataFrame:
    return pl.concat(records_of(companies))


def _against_names(
    lineage: Lineage, settings: LinkageSettings, in_registers: dict[str, Facts], named: dict[str, Record]
) -> tuple[pl.DataFrame, tuple[Assignment, ...]]:
    """Pairs of a company without LEI and the company of a LEI, which gets an id when it is likely for the first time."""
    without = {company: facts for company, facts in in_registers.items() if not facts.lei and facts.name}
    if not without or not named:
        return pl.DataFrame(), ()
    prepared = prepared_register(lineage, settings, {lei: record.facts for lei, record in named.items()}, NAMES)
    pairs = link(_frame(without), prepared, settings).pairs.filter(pl.col("zone").is_in([AUTOMATIC, REVIEW]))
    # Without a place a likeness of names says nothing: thousands of companies are called alike.
    pairs = pairs.filter(pl.col("name_level").is_in(EQUAL_NAMES))
    found = tuple(assign(lineage, [named[lei] for lei in sorted(set(pairs["candidate_id"]))]))
    ids = {a.record.record_id: a.company_id for a in found}
    return pairs.with_columns(pl.col("candidate_id").replace(ids)), found


def _against_register(
    lineage: Lineage, settings: LinkageSettings, lost: dict[str, Facts], in_registers: dict[str, Facts]
) -> tuple[pl.DataFrame, LinkageModel | None]:
    if not in_registers:
        return pl.DataFrame(), None
    prepared = prepared_register(lineage, settings, in_registers, REGISTER)
    found = link(_frame(lost), prepared, settings)
    write_parquet(found.model.frame(), lineage.vault / FOLDER / f"{MODEL}.parquet")
    return found.pairs, found.model


def _among(lost: dict[str, Facts], settings: LinkageSettings, model: LinkageModel | None) -> pl.DataFrame:
    """Pairs of answers that may speak of one company.

    The two ids of a pair differ in some bit of their places in the list: halves by each bit, one against the other, compare
    every pair.
    """
    frame = _frame(lost)
    found = [
        link(frame.gather_every(1).filter(~side), prepare_register(frame.filter(side), settings), settings, model).pairs
        for side in (
            pl.Series([bool(place >> bit & 1) for place in range(frame.height)], dtype=pl.Boolean)
            for bit in range(max(frame.height - 1, 0).bit_length())
        )
    ]
    if not found:
        return pl.DataFrame()
    pairs = pl.concat(found).filter(pl.col("zone").is_in([AUTOMATIC, REVIEW]))
    ordered = pairs.with_columns(
        low=pl.min_horizontal("record_id", "candidate_id"), high=pl.max_horizontal("record_id", "candidate_id")
    )
    return (
        ordered.sort("probability", descending=True)
        .unique(["low", "high"], keep="first", maintain_order=True)
        .drop("low", "high")
    )


def _undecided(pairs: pl.DataFrame, decided: set[tuple[str, str]]) -> pl.DataFrame:
    if pairs.is_empty() or not decided:
        return pairs
    known = pl.DataFrame(sorted(decided), schema={"low": pl.String, "high": pl.String}, orient="row")
    low, high = pl.min_horizontal("record_id", "candidate_id"), pl.max_horizontal("record_id", "candidate_id")
    return pairs.join(known, left_on=[low, high], right_on=["low", "high"], how="anti")


def _decision(pair: dict[str, object], settings: LinkageSettings) -> Decision:
    return Decision(
        SAME, str(pair["record_id"]), str(pair["candidate_id"]), LINKAGE, f"linkage {settings.method_version}",
        datetime.now(UTC).date(), float(str(pair["probability"])), settings.method_version,
        evidence={"explanation_de": pair["explanation_de"]},
    )  # fmt: skip


def _candidates(pairs: pl.DataFrame, side: str) -> pl.DataFrame:
    if pairs.is_empty():
        return pl.DataFrame(schema=CANDIDATE)
    return pairs.select(
        company_id="record_id", candidate_company_id="candidate_id", side_code=pl.lit(side), rank=pl.col("rank").cast(pl.Int64),
        probability="probability", reason_code="reason",
        reason_de=pl.col("reason").replace_strict(REASONS_DE, default=None, return_dtype=pl.String), explanation_de="explanation_de",
    ).sort("company_id", "rank", "candidate_company_id")  # fmt: skip
