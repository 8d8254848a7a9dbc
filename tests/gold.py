"""The gold set of free text and how codings are judged by it; for the tests and the benchmark.

Belongs here: reading ``regions/default/text/gold.csv`` and comparing. Does not belong here: the method.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from warehouse.methods.text_coding import Coding, Context
from warehouse.methods.text_coding.gold import COLUMNS, is_right
from warehouse.region import DEFAULT_FOLDER

GOLD = DEFAULT_FOLDER / "text" / "gold.csv"
DEVELOP_BELOW = 154
Row = dict[str, str]


def rows(part: str | None = None) -> list[Row]:
    """The gold set, or one part of it."""
    with GOLD.open(encoding="utf-8", newline="") as handle:
        found = list(csv.DictReader(line for line in handle if not line.startswith("#")))
    return [row for row in found if part in (None, row["part"])]


def part_of(text: str) -> str:
    """The part a text belongs to, from nothing but the text."""
    key = unicodedata.normalize("NFC", text).strip().casefold()
    return "develop" if hashlib.sha256(key.encode()).digest()[0] < DEVELOP_BELOW else "test"


@dataclass
class Tally:
    """Counts over some rows.

    ``codes``: automatic codes; ``right`` of them right. ``texts``, with status ``automatic``, ``review`` or ``uncoded``
    (a text with several things is in review as soon as one thing is). ``codable`` things have a code of the question's
    classifications, ``reached`` of them got a right one automatically, ``offered`` are in review.
    """

    texts: int = 0
    codes: int = 0
    right: int = 0
    automatic: int = 0
    review: int = 0
    uncoded: int = 0
    codable: int = 0
    reached: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.codes if self.codes else float("nan")

    @property
    def recall(self) -> float:
        return self.reached / self.codable if self.codable else float("nan")

    @property
    def review_share(self) -> float:
        return self.review / self.texts if self.texts else float("nan")


Code = Callable[[str, Context], list[Coding]]


def judge(code: Code, chosen: list[Row]) -> tuple[Tally, list[tuple[Row, Coding]]]:
    """Code some rows and count; the second value lists the automatic codes that are wrong."""
    tally, wrong = Tally(), []
    for row in chosen:
        codings = code(row["text"], Context(row["question_concept_id"], row["wz2008_code"]))
        automatic = [c for c in codings if c.status == "automatic"]
        good = [c for c in automatic if is_right(row, c)]
        wrong += [(row, c) for c in automatic if c not in good]
        tally.texts += 1
        tally.codes += len(automatic)
        tally.right += len(good)
        statuses = {c.status for c in codings}
        status = next((s for s in ("review", "automatic") if s in statuses), "uncoded")
        setattr(tally, status, getattr(tally, status) + 1)
        _count_recall(tally, row, good)
    return tally, wrong


def _count_recall(tally: Tally, row: Row, good: list[Coding]) -> None:
    """A thing counts once: by its product or occupation code, or by its competence where it has no other."""
    classification = next((c for c in ("KLDB", "HS") if row[COLUMNS[c]].strip("+|")), None)
    if row["question_concept_id"] == "PROC_OTHER":
        classification = None
    if classification:
        # A product that is reached through its process only (competence without HS code) is not reached.
        parts = [i for i, p in enumerate(row[COLUMNS[classification]].split("+"), start=1) if p]
        tally.codable += len(parts)
        tally.reached += len({c.part_no for c in good if c.classification == classification} & set(parts))
    elif row["competence_ids"] and row["question_concept_id"] != "SUP_INPUT_TEXT":
        tally.codable += 1
        tally.reached += any(c.classification == "COMPETENCE" for c in good)
