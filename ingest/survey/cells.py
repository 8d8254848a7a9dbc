"""One cell by its question: a code, a number, a form, or no answer.

Belongs here: which reading a question's type asks for. Does not belong here: those readings themselves (``numbers``,
``damage``) or what other cells of the response say (``plausible``).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.survey.book import NUMBER_TYPES, Book
from ingest.survey.damage import FORMS, day
from ingest.survey.numbers import Cell, read_number
from ingest.survey.text import clean, folded, repaired

CODED_TYPES = ("single", "band", "flag", "multi")
WHOLE_TYPES = ("integer", "year")
FACTS = ("answer_type", "unit_code", "code_list", "class_code", "raw_value")
# A status no answer keeps: the delivery is refused (SRV-005).
UNKNOWN_CODE = "unknown_code"
CELL_SCHEMA = {
    "cell_status": pl.String, "value_code": pl.String, "number": pl.Float64, "stated_low": pl.Float64,
    "stated_high": pl.Float64, "finding_code": pl.String, "proposal": pl.String, "stored_unit": pl.String,
    "factor": pl.Float64,
}  # fmt: skip


def with_cells(long: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Answers with the columns of ``CELL_SCHEMA``; every different cell is read once.

    Args:
        long: ``raw_value`` as text with the facts of its question.
    """
    long = long.with_columns(pl.col("raw_value").map_elements(lambda t: clean(repaired(t)), return_dtype=pl.String))
    long = long.filter(pl.col("raw_value") != "")
    codes = {(c["code_list"], c["answer_code"]): c for c in book.codes}
    keys = long.select(FACTS).unique()
    read = [_columns(dict(zip(FACTS, row, strict=True)), book, codes) for row in keys.iter_rows()]
    cells = pl.DataFrame(read, schema=CELL_SCHEMA, orient="row") if read else pl.DataFrame(schema=CELL_SCHEMA)
    return long.join(
        pl.concat([keys, cells], how="horizontal"), on=FACTS, how="left", nulls_equal=True, maintain_order="left"
    )


def _columns(facts: dict[str, Any], book: Book, codes: dict[tuple[str, str], dict[str, str]]) -> tuple[Any, ...]:
    unit = book.unit(facts["unit_code"] or "")
    is_number = facts["answer_type"] in NUMBER_TYPES
    cell = read_cell(facts, book, codes)
    return (
        cell.status, cell.code, cell.value, cell.low, cell.high, cell.finding, cell.proposal,
        unit.code if is_number else facts["unit_code"] or None, float(unit.factor) if is_number else 1.0,
    )  # fmt: skip


def read_cell(facts: dict[str, Any], book: Book, codes: dict[tuple[str, str], dict[str, str]]) -> Cell:
    """One cell.

    Args:
        facts: ``answer_type``, ``unit_code``, ``code_list``, ``class_code`` of the question and ``raw_value``.
        codes: row of the wave's code list by list and answer code.
    """
    text, kind = facts["raw_value"], facts["answer_type"]
    code = codes.get((facts["code_list"] or "", text)) if kind in CODED_TYPES else None
    if code is not None:
        return Cell("answered", code=code["value_code"], low=_float(code["low"]), high=_float(code["high"]))
    # What is agreed to is never read out of a missing code.
    if facts["class_code"] != "consent" and (status := book.missing.get(folded(text) or text)):
        return Cell(status)
    if kind in CODED_TYPES:
        return Cell(UNKNOWN_CODE)
    if kind in NUMBER_TYPES:
        return read_number(text, book.unit(facts["unit_code"] or ""), kind in WHOLE_TYPES)
    if kind == "date":
        return day(text)
    form = FORMS.get(facts["unit_code"] or "")
    return form(text) if form else Cell("answered")


def _float(text: str) -> float | None:
    return float(text) if text else None
