"""Decisions of a person on the survey's review list, as the list comes back with its columns filled in.

Belongs here: reading that list and refusing what decides nothing. Does not belong here: writing it (``survey/review``) or
applying it (``warehouse.methods.survey_decisions``).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader
from ingest.survey.book import NUMBER_TYPES, Book, load_book, waves
from ingest.survey.damage import day
from ingest.survey.grid import read_grid
from ingest.survey.numbers import Unit, read_number
from ingest.survey.review import BY, DECISION, ID, ITEM, NEW_VALUE, ON, QUESTION, RESPONSE, WAVE
from ingest.survey.text import folded

CODES = {
    "annehmen": "accept", "wert": "value", "verwerfen": "reject", "behalten": "keep",
    "accept": "accept", "value": "value", "reject": "reject", "keep": "keep",
}  # fmt: skip
NEEDED = (ID, WAVE, RESPONSE, QUESTION, ITEM, DECISION, NEW_VALUE, BY, ON)


@reader("survey_decision")
def read_decisions(reading: Reading) -> Tables:
    """Rows with a decision; the others are still open and say nothing."""
    delivery = reading.delivery
    grid = read_grid(delivery, set(NEEDED))
    header = grid.rows[0] if grid.rows else []
    if missing := [name for name in NEEDED if name not in header]:
        raise delivery.refuse(
            f"column '{missing[0]}' is missing", f"the columns of the review list: {', '.join(NEEDED)}",
            "fill in the list as 'kettenwerk survey review' wrote it, and change no other column", field=missing[0], rule_id="SRV-001",
        )  # fmt: skip
    places = {name: header.index(name) for name in NEEDED}
    books: dict[str, Book] = {}
    rows = []
    for number, cells in enumerate(grid.rows[1:], 1):
        cells = cells + [""] * (len(header) - len(cells))
        said = {name: cells[place].removeprefix("'") for name, place in places.items()}
        if said[DECISION]:
            rows.append(_decision(reading, said, number, books) | {"source_row": number})
    table = delivery.source.tables["decision"]
    schema = {c.name: c.dtype for c in table.columns} | {"source_row": pl.Int64()}
    return {"decision": pl.DataFrame(rows, schema=schema, orient="row")}


def _decision(reading: Reading, said: dict[str, str], number: int, books: dict[str, Book]) -> dict[str, Any]:
    delivery = reading.delivery
    code = CODES.get(folded(said[DECISION]))
    if code is None:
        raise delivery.refuse(
            f"'{said[DECISION][:40]}' is no decision", "annehmen, wert, verwerfen or behalten", field=DECISION, row=number, rule_id="SRV-005"
        )  # fmt: skip
    if not said[BY]:
        raise delivery.refuse(
            "nobody is named for a decision", "who decided", "add it", field=BY, row=number, rule_id="SRV-005"
        )
    when = day(said[ON])
    if when.status != "answered":
        raise delivery.refuse(
            f"'{said[ON][:40]}' is no day", "the day of the decision, like 03.02.2027", "add it", field=ON, row=number, rule_id="SRV-005"
        )  # fmt: skip
    new_num, new_code = _new_value(reading, said, number, books) if code == "value" else (None, None)
    return {
        "review_id": said[ID], "wave_id": _wave(said), "response_id": said[RESPONSE].removesuffix(".0"), "decision_code": code, "new_num": new_num, "new_code": new_code,
        "decided_by": said[BY], "decided_on": pl.Series([when.code or said[ON]]).str.to_date()[0],
    }  # fmt: skip


def _new_value(
    reading: Reading, said: dict[str, str], number: int, books: dict[str, Book]
) -> tuple[float | None, str | None]:
    """The value that holds, as the question asks for it, in the unit of the warehouse: percent, EUR."""
    delivery, text = reading.delivery, said[NEW_VALUE]
    book = _book(reading, _wave(said), number, books)
    question = next(
        (q for q in book.questions if q["question_concept_id"] == said[QUESTION] and q["item_code"] in (said[ITEM], "")), None
    )  # fmt: skip
    if question is None or not text:
        problem = "no value is given" if question else f"wave {said[WAVE]} has no question '{said[QUESTION][:40]}'"
        raise delivery.refuse(
            problem, "a value for a question of the wave", field=NEW_VALUE, row=number, rule_id="SRV-005"
        )
    if question["answer_type"] in NUMBER_TYPES:
        cell = read_number(text, Unit(), question["answer_type"] in ("integer", "year"))
        factor = float(book.unit(question["unit_code"]).factor)
        low, high = (float(question[b]) * factor if question[b] else None for b in ("low", "high"))
        value = cell.value
        if value is None or (low is not None and value < low) or (high is not None and value > high):
            raise delivery.refuse(
                f"'{text[:40]}' is no number the question can have, or has two readings", "a plain number like 1234,5 without dots, within its limits",
                field=NEW_VALUE, row=number, rule_id="SRV-007",
            )  # fmt: skip
        return value, None
    codes = {c["value_code"] for c in book.codes if c["code_list"] == question["code_list"]}
    if question["code_list"] and text not in codes:
        raise delivery.refuse(
            f"'{text[:40]}' is no code of this question", f"one of {', '.join(sorted(codes)[:12])}", field=NEW_VALUE, row=number, rule_id="SRV-005"
        )  # fmt: skip
    return None, text


def _wave(said: dict[str, str]) -> str:
    """The wave; a spreadsheet makes a number of it (``2027.0``)."""
    return said[WAVE].removesuffix(".0")


def _book(reading: Reading, wave: str, number: int, books: dict[str, Book]) -> Book:
    known = waves(reading.region)
    if wave not in known:
        raise _unknown_wave(reading.delivery, wave, number)
    return books.setdefault(wave, load_book(reading.region, wave))


def _unknown_wave(delivery: Delivery, wave: str, number: int) -> Exception:
    return delivery.refuse(
        f"wave '{wave[:40]}' is not known", "a wave of survey/waves.yml", field=WAVE, row=number, rule_id="SRV-001"
    )  # fmt: skip
