"""Decisions of a person on free texts, as the list of open texts comes back with its columns filled in.

Belongs here: reading that list and refusing what decides nothing; nothing of the text itself is kept. Does not belong here:
writing it (``survey/text_review``) or applying it (``warehouse/methods/text_coding/mapping``).
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader
from ingest.survey.damage import day
from ingest.survey.grid import read_grid
from ingest.survey.text import folded
from ingest.survey.text_review import (
    BY,
    COMPETENCE_ID,
    DECISION,
    HS_CODE,
    ID,
    INDUSTRY,
    KLDB_CODE,
    ON,
    PROPOSAL,
    WZ_MARK,
)
from warehouse.methods.text_coding.mapping import CODE as TAKE
from warehouse.methods.text_coding.mapping import DECIDED_CODES, NONE, UNDO

ACCEPT = "accept"
WORDS = {
    "annehmen": ACCEPT, "code": TAKE, "keiner": NONE, "zuruecknehmen": UNDO,
    "accept": ACCEPT, "none": NONE, "undo": UNDO,
}  # fmt: skip
NEEDED = (ID, INDUSTRY, PROPOSAL, DECISION, HS_CODE, COMPETENCE_ID, KLDB_CODE, BY, ON)
GIVEN = {"hs_code": HS_CODE, "competence_id": COMPETENCE_ID, "kldb_code": KLDB_CODE}
FORMS = {"hs_code": r"\d{4}(\d{2})?", "kldb_code": r"\d{4,5}"}


@reader("text_decision")
def read_decisions(reading: Reading) -> Tables:
    """Rows with a decision; the others are still open and say nothing."""
    delivery = reading.delivery
    grid = read_grid(delivery, set(NEEDED))
    header = grid.rows[0] if grid.rows else []
    if missing := [name for name in NEEDED if name not in header]:
        raise delivery.refuse(
            f"column '{missing[0]}' is missing", f"the columns of the list: {', '.join(NEEDED)}",
            "fill in the list as 'kettenwerk texts review' wrote it, and change no other column", field=missing[0], rule_id="SRV-001",
        )  # fmt: skip
    places = {name: header.index(name) for name in NEEDED}
    competences = {row["competence_id"] for row in reading.region.rows("competences.csv")}
    rows = []
    for number, cells in enumerate(grid.rows[1:], 1):
        cells = cells + [""] * (len(header) - len(cells))
        said = {name: cells[place].removeprefix("'").strip() for name, place in places.items()}
        if said[DECISION]:
            rows.append(_decision(delivery, said, number, competences) | {"source_row": number})
    table = delivery.source.tables["decision"]
    schema = {c.name: c.dtype for c in table.columns} | {"source_row": pl.Int64()}
    return {"decision": pl.DataFrame(rows, schema=schema, orient="row")}


def _decision(delivery: Delivery, said: dict[str, str], number: int, competences: set[str]) -> dict[str, Any]:
    word = WORDS.get(folded(said[DECISION]))
    if word is None:
        raise delivery.refuse(
            f"'{said[DECISION][:40]}' is no decision", "annehmen, code, keiner or zurücknehmen", field=DECISION, row=number, rule_id="SRV-005"
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
    given = {name: said[column].removesuffix(".0") or None for name, column in GIVEN.items()}
    if word == ACCEPT:
        kind, _, code = said[PROPOSAL].partition(" ")
        given = {name: code if kind == classification else None for classification, name in DECIDED_CODES.items()}
        word = TAKE
    codes = _checked(delivery, given, number, competences) if word == TAKE else dict.fromkeys(given)
    return {
        "text_hash": said[ID], "wz2008_code": said[INDUSTRY].removeprefix(WZ_MARK.strip()).strip() or None, "decision_code": word, **codes, "decided_by": said[BY],
        "decided_on": pl.Series([when.code or said[ON]]).str.to_date()[0],
    }  # fmt: skip


def _checked(
    delivery: Delivery, given: dict[str, str | None], number: int, competences: set[str]
) -> dict[str, str | None]:
    """The codes of a decision, each in the form of its classification.

    Raises:
        DeliveryError: there is none, or one is none of its classification.
    """
    if not any(given.values()):
        raise delivery.refuse(
            "no code is given", "an HS code, a competence or an occupation; 'keiner' where there is nothing to code", "add one",
            field=HS_CODE, row=number, rule_id="SRV-005",
        )  # fmt: skip
    for name, form in FORMS.items():
        code = given[name]
        if code and not re.fullmatch(form, code):
            expected = "four or six digits, with a leading zero" if name == "hs_code" else "four or five digits"
            raise delivery.refuse(
                f"'{code[:40]}' is no code of the classification", expected, field=GIVEN[name], row=number, rule_id="SRV-005"
            )  # fmt: skip
    chosen = given["competence_id"]
    if chosen and chosen not in competences:
        raise delivery.refuse(
            f"'{chosen[:40]}' is no competence of the region", "a competence_id of competences.csv", field=COMPETENCE_ID, row=number, rule_id="SRV-005"
        )  # fmt: skip
    return given
