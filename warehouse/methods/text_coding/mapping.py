"""Texts to codes, once per text: what the coder says of it, and over that what a person decided.

Belongs here: one row per text and classification, the industries it holds for, and which decision counts. Does not belong
here: the coder itself, whose texts they are, or the list a reviewer fills in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from warehouse.methods.text_coding.coder import UNCODED, Coder, Coding, Context, kind_of
from warehouse.methods.text_coding.dictionary import COMPETENCE, HS, KLDB

DECIDED, REVIEWED = "decided", "reviewed"
CODE, NONE, UNDO = "code", "none", "undo"
# Which column of a decision holds the code of a classification.
DECIDED_CODES = {HS: "hs_code", COMPETENCE: "competence_id", KLDB: "kldb_code"}
THING = ("text_hash", "thing", "in_brackets", "question_concept_id", "wz2008_code")
MAPPING = {
    "text_hash": pl.String(), "wz2008_code": pl.String(), "classification_code": pl.String(), "edition": pl.String(),
    "code": pl.String(), "method_code": pl.String(), "score": pl.Float64(), "status_code": pl.String(),
    "reviewer": pl.String(), "decided_date": pl.Date(),
}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What a person decided about a text, for companies of one industry or ('') for all.

    ``codes`` are by classification; none: there is nothing to code.
    """

    codes: Mapping[str, str]
    reviewer: str
    on: date


@dataclass
class Text:
    """One text with every industry whose companies wrote it ('' where unknown) and one of the questions it answered."""

    text_hash: str
    thing: str
    in_brackets: str
    question: str
    industries: set[str] = field(default_factory=set)


def texts(things: pl.DataFrame, coder: Coder) -> list[Text]:
    """Distinct texts of ``things`` (columns ``THING``), by hash. A text counts as asked by the widest question it answered."""
    found: dict[str, Text] = {}
    for text_hash, thing, in_brackets, question, wz in things.select(THING).sort(THING).iter_rows():
        text = found.setdefault(text_hash, Text(text_hash, thing, in_brackets, widest(coder, question)))
        text.industries.add(wz or "")
    return list(found.values())


def widest(coder: Coder, question: str) -> str:
    """The question of the same kind that asks for most: a text means the same wherever it is written."""
    kind = kind_of(coder.wanted(question))
    same = [q for q in coder.scoring["questions"] if kind_of(coder.wanted(q)) == kind]
    return max(same, key=lambda q: (len(coder.wanted(q)), q == question))


def in_force(decisions: pl.DataFrame) -> dict[tuple[str, str], Decision]:
    """The newest decision on each text and industry; one that was taken back counts no more.

    Args:
        decisions: ``text_hash, wz2008_code, decision_code, hs_code, competence_id, kldb_code, decided_by, decided_on,
            received_at, source_row``; of one day the one received last holds, and in one list the lower row.
    """
    newest = decisions.sort("decided_on", "received_at", "source_row").unique(
        ["text_hash", "wz2008_code"], keep="last", maintain_order=True
    )
    found = {}
    for row in newest.filter(pl.col("decision_code") != UNDO).iter_rows(named=True):
        codes = {c: row[name] for c, name in DECIDED_CODES.items() if row["decision_code"] == CODE and row[name]}
        found[row["text_hash"], row["wz2008_code"] or ""] = Decision(codes, row["decided_by"], row["decided_on"])
    return found


def scopes(text: Text, coder: Coder, decided: Mapping[tuple[str, str], Decision]) -> dict[str, list[Coding]]:
    """What the coder says of a text by industry: '' alone where the industry changes nothing.

    It changes something where it changes a code, and where a person decided for one industry only.
    """
    everywhere = _code(text, coder, "")
    by_industry = {wz: _code(text, coder, wz) for wz in sorted(text.industries)}
    is_same = all(_facts(codings) == _facts(everywhere) for codings in by_industry.values())
    is_split = any((text.text_hash, wz) in decided for wz in text.industries if wz)
    return {"": everywhere} if is_same and not is_split else by_industry


def decision_on(text_hash: str, wz: str, decided: Mapping[tuple[str, str], Decision]) -> Decision | None:
    """What was decided for companies of an industry: about it, else about all."""
    return decided.get((text_hash, wz)) or decided.get((text_hash, ""))


def map_texts(things: pl.DataFrame, decisions: pl.DataFrame, coder: Coder) -> pl.DataFrame:
    """Codes of every text, in the columns of ``MAPPING``, one row per text, industry it holds for and classification.

    Args:
        things: named things with hash, question and industry (columns ``THING``), as often as they were written.
        decisions: as ``in_force`` reads them.
    """
    decided = in_force(decisions)
    rows: list[dict[str, Any]] = []
    for text in texts(things, coder):
        for wz, codings in scopes(text, coder, decided).items():
            decision = decision_on(text.text_hash, wz, decided)
            made = _decided(decision, text, coder) if decision else _automatic(codings, text, coder)
            rows += [{"text_hash": text.text_hash, "wz2008_code": wz, **row} for row in made]
    return pl.DataFrame(rows, schema=MAPPING, orient="row").sort("text_hash", "wz2008_code", "classification_code")


def _code(text: Text, coder: Coder, wz: str) -> list[Coding]:
    return coder.code_thing(text.thing, text.in_brackets, Context(text.question, wz))


def _facts(codings: Iterable[Coding]) -> list[tuple[str, str, str]]:
    return [(c.classification, c.code, c.status) for c in codings]


def _automatic(codings: list[Coding], text: Text, coder: Coder) -> list[dict[str, Any]]:
    return [
        {
            **_classified(c.classification or coder.wanted(text.question)[0], coder), "code": c.code or None, "method_code": c.method,
            "score": c.score, "status_code": c.status,
        }
        for c in codings
    ]  # fmt: skip


def _decided(decision: Decision, text: Text, coder: Coder) -> list[dict[str, Any]]:
    person = {"method_code": REVIEWED, "score": 1.0, "reviewer": decision.reviewer, "decided_date": decision.on}
    if not decision.codes:
        nothing = _classified(coder.wanted(text.question)[0], coder)
        return [{**nothing, "code": None, "status_code": DECIDED, **person}]
    codes = decision.codes.items()
    return [{**_classified(c, coder), "code": code, "status_code": DECIDED, **person} for c, code in codes]


def _classified(classification: str, coder: Coder) -> dict[str, str | None]:
    return {"classification_code": classification, "edition": coder.dictionary.editions.get(classification)}


def shares(mapping: pl.DataFrame) -> dict[str, int]:
    """How many texts stand where: ``texts``, and of them ``automatic``, ``decided``, ``review`` and ``uncoded``.

    A text that waits for a reviewer in one industry waits.
    """
    order = ("review", "uncoded", DECIDED, "automatic")
    by_text: dict[str, set[str]] = defaultdict(set)
    for text_hash, status in mapping.select("text_hash", "status_code").iter_rows():
        by_text[text_hash].add(status)
    first = [next(status for status in order if status in found) for found in by_text.values()]
    return {"texts": len(first), **{status: first.count(status) for status in order}}


__all__ = [
    "CODE",
    "DECIDED",
    "MAPPING",
    "NONE",
    "REVIEWED",
    "THING",
    "UNCODED",
    "UNDO",
    "in_force",
    "map_texts",
    "shares",
]
