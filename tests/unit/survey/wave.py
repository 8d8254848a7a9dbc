"""A small delivery of a wave, written as a tool would write it, and what the dock makes of it.

Belongs here: building files for the tests of the survey. Does not belong here: any expectation. All names are invented.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ingest.delivery import deliveries
from ingest.readers import Reading, find_reader
from ingest.registry import sources
from ingest.survey.book import load_book
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import load

BASE = {
    "id": "1", "submitdate": "2027-02-03 10:20:00", "lastpage": "13", "startlanguage": "de", "startdate": "2027-02-03 10:00:00",
    "LNAME": "Probe Federn GmbH (erfunden)",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """Tables of one delivery, with answers by response, concept and item."""

    response: pl.DataFrame
    answer: pl.DataFrame
    review: pl.DataFrame
    contacts: list[dict[str, Any]]

    def said(self, concept: str, item: str = "", response: str = "1") -> dict[str, Any]:
        """One answer."""
        own = self.answer.filter(
            pl.col("response_id") == response, pl.col("question_concept_id") == concept, pl.col("item_code") == item
        )
        return own.row(0, named=True) if own.height else {}

    @property
    def findings(self) -> list[str]:
        """Codes of the review list."""
        return sorted(self.review["finding_code"])


def cells(region: Region, wave: str, *rows: dict[str, str]) -> list[list[str]]:
    """Header and rows of a code export with every column of the wave; consent to storage is given."""
    book = load_book(region, wave)
    header = [q["source_column"] for q in book.questions]
    consent = {q["source_column"]: "Y" for q in book.questions if q["class_code"] == "consent"} | {"CONSVER": "2026-01"}
    made = []
    for number, row in enumerate(rows, 1):
        given = BASE | consent | {"id": str(number)} | row
        assert not set(given) - set(header), set(given) - set(header)
        made.append([given.get(column, "") for column in header])
    return [header, *made]


def as_bytes(rows: list[list[str]], delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """Rows as a CSV, every cell quoted."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode(encoding)


def read_bytes(folder: Path, region: Region, wave: str, content: bytes, suffix: str = "csv") -> Read:
    """What the reader makes of a file's bytes; the contract's checks run as at a landing."""
    from ingest.checks import check

    lineage = Lineage(folder / "home", "sample")
    path = lineage.inbox / "limesurvey" / f"results-survey-{wave}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    source = sources()["limesurvey"]
    [delivery] = deliveries(source, lineage, load("sample"))
    reading = Reading(delivery, region)
    tables = find_reader("limesurvey", "limesurvey")(reading)
    for name, frame in tables.items():
        check(delivery, frame, source.tables[name])
    path.unlink()
    return Read(tables["response"], tables["answer"], tables["review"], reading.contacts)


def read(folder: Path, region: Region, *rows: dict[str, str], wave: str = "2027") -> Read:
    """What the reader makes of these answers in a code export."""
    return read_bytes(folder, region, wave, as_bytes(cells(region, wave, *rows)))
