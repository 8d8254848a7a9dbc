"""Lists of companies that a user supplies: each with a mapping that says which column is which field.

Only mapped columns are read, so that officers, birth dates and telephone numbers never leave the file; a mapping that
names such a column is refused. A street is kept of register entries that are no sole traders.

Belongs here: the fields a list may fill, and their normal form. Does not belong here: finding a table in a file
(``sheet``), whether two entries are one company (``warehouse.privacy``), or which court is the right one (dbt).

Reference: Handelsregisterverordnung § 3 (HRA, HRB); XJustiz code list of register courts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, NoReturn

import polars as pl
from pydantic import Field, field_validator, model_validator

from ingest.delivery import Delivery
from ingest.mapping import Layout, NumberFormat, read_mapping
from ingest.readers import Reading, Tables, reader
from ingest.sheet import as_date, as_number, places, read_sheet

FIELDS = (
    "company_name", "register_entry", "register_type", "register_number", "court", "seat", "street", "postcode",
    "status", "status_date",
)  # fmt: skip
# What may be the same for every row of a list.
CONSTANTS = ("court", "register_type", "status")
KINDS = {"HRA": "HRA", "HRB": "HRB", "GNR": "GnR", "GSR": "GsR", "PR": "PR", "VR": "VR", "A": "HRA", "B": "HRB"}
ENTRY = re.compile(r"(?:(HRA|HRB|GnR|GsR|PR|VR|A|B)[ .:]*)?0*(\d{1,6})(?:\.0)?\s*([A-Z]{0,3})", re.IGNORECASE)
COURT_CODE = re.compile(r"[A-Z]\d{4}[A-Z]?")
EXAMPLE = """\
publisher: Chamber of Commerce and Industry of the region
licence: for the region's own analysis, letter of 1 March 2026
retrieved_at: 2026-03-01
sheet: Firmen                # workbooks with several sheets
header_row: 1                # several rows of one header: [4, 5]
# encoding: cp1252           # text files; utf-8-sig unless said otherwise
# delimiter: ";"             # text files
date_format: "%d.%m.%Y"
columns:                     # field: header. Fields: company_name, register_entry ("HRB 123") or register_type and
  company_name: Firma        # register_number, court, seat, street, postcode, status, status_date
  register_entry: Registernummer
  court: Registergericht
  seat: Ort
  postcode: PLZ
  status: Status
status_values: {eingetragen: registered, in Liquidation: liquidation, insolvent: insolvency, gelöscht: removed}
"""
StatusCode = Literal["registered", "liquidation", "insolvency", "removed"]


class ListMapping(Layout):
    """What a list's mapping says. ``retrieved_at`` may stand in the file's name instead (``<list>_YYYY-MM-DD``)."""

    publisher: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    retrieved_at: date | None = None
    constants: dict[str, str] = Field(default_factory=dict)
    status_values: dict[str, StatusCode] = Field(default_factory=dict)

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        if unknown := [field for field in value if field not in FIELDS]:
            raise ValueError(f"there is no field '{unknown[0]}'; there are: {', '.join(FIELDS)}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> ListMapping:
        given = {**self.columns, **self.constants}
        if "company_name" not in self.columns:
            raise ValueError("columns says nothing of 'company_name'; a list without names is of no use")
        if odd := [field for field in self.constants if field not in CONSTANTS or field in self.columns]:
            raise ValueError(f"constants: '{odd[0]}' cannot be the same for every row; possible: {', '.join(CONSTANTS)}, without a column")  # fmt: skip
        if "register_entry" in given and "register_number" in given:
            raise ValueError("'register_entry' and 'register_number' both give the number; map one of them")
        if "register_number" in given and "register_type" not in given:
            raise ValueError("'register_number' needs 'register_type' beside it, or as a constant for the whole list")
        if "status" in given and not self.status_values:
            raise ValueError(
                "'status' needs status_values: which word means registered, liquidation, insolvency, removed"
            )
        return self


@reader("register_list")
def read_list(reading: Reading) -> Tables:
    """The list's companies, and one row about the list itself."""
    delivery = reading.delivery
    mapping, path = read_mapping(delivery, reading.region, ListMapping, EXAMPLE)
    _refuse_persons(reading, mapping, path.name)
    retrieved_at = _retrieved(delivery, mapping, path.name)
    sheet = read_sheet(delivery, mapping)
    where = places(delivery, sheet, mapping.columns)
    words = {word.casefold().strip(): code for word, code in mapping.status_values.items()}
    rows, withheld = [], 0
    for number, cells in sheet.rows:
        said = mapping.constants | {field: cells[place] for field, place in where.items()}
        row = _company(delivery, mapping, words, said, number)
        if row["street"] and _may_be_home(reading, row):
            row["street"], withheld = None, withheld + 1
        rows.append({**row, "record_id": f"{delivery.partition_key}:{number}", "list_code": delivery.partition_key, "retrieved_at": retrieved_at, "source_row": number})  # fmt: skip
    about = {
        "list_code": delivery.partition_key, "publisher": mapping.publisher, "licence": mapping.licence,
        "retrieved_at": retrieved_at, "company_count": len(rows), "withheld_street_count": withheld,
        "mapping_name": path.name, "mapping_text": path.read_text(encoding="utf-8"), "source_row": 1,
    }  # fmt: skip
    return {"company": _frame(reading, "company", rows), "list": _frame(reading, "list", [about])}


def normal_entry(kind: str, entry: str, number_format: NumberFormat | None) -> tuple[str, str] | None:
    """Kind and number of a register entry in normal form (REG-001), such as ``("HRB", "123A")``; None when it is none.

    A number that a spreadsheet wrote in groups is put together only where the mapping says how it groups.
    """
    if number_format is not None and number_format.thousands:
        grouped = as_number(entry, number_format)
        entry = f"{grouped:.0f}" if grouped is not None else entry
    match = ENTRY.fullmatch(entry.strip())
    given = kind.upper().replace(" ", "").removeprefix("ABTEILUNG").removeprefix("ABT.")
    if match is None or int(match[2]) == 0:
        return None
    kinds = {KINDS.get(text.upper()) for text in (given, match[1]) if text}
    if len(kinds) != 1 or None in kinds:
        return None
    return str(kinds.pop()), match[2] + match[3].upper()


def _company(
    delivery: Delivery, mapping: ListMapping, words: Mapping[str, str], said: dict[str, str], number: int
) -> dict[str, Any]:
    """One row in the table's shape; what has no normal form is refused with its place."""

    def refuse(field: str, problem: str, expected: str, todo: str = "", rule_id: str = "LND-005") -> NoReturn:
        column = mapping.columns.get(field, field)
        raise delivery.refuse(problem, expected, todo, field=column, row=number, rule_id=rule_id)

    entry = said.get("register_entry") or said.get("register_number") or ""
    register = normal_entry(said.get("register_type", ""), entry, mapping.number_format) if entry else None
    if entry and register is None:
        field = "register_entry" if "register_entry" in said else "register_number"
        kind = said.get("register_type", "")
        refuse(field, f"'{f'{kind} ' if kind else ''}{entry}' is no register number", "HRA, HRB, GnR, GsR, PR or VR and up to six digits, such as HRB 123", rule_id="REG-001")  # fmt: skip
    status = said.get("status", "")
    if status and status.casefold() not in words:
        refuse("status", f"'{status}' has no meaning", f"one of: {', '.join(mapping.status_values)}", "add the word to status_values in the mapping")  # fmt: skip
    day = said.get("status_date", "")
    since = as_date(day, mapping.date_format) if day else None
    if day and since is None:
        refuse("status_date", f"'{day}' is no date of the form {mapping.date_format}", "a date as date_format of the mapping says")  # fmt: skip
    postcode = said.get("postcode", "")
    if re.fullmatch(r"\d{1,4}", postcode):
        refuse("postcode", f"'{postcode}' has lost its leading zero", "five digits", "format the column as text and export again")  # fmt: skip
    court = said.get("court", "")
    code = COURT_CODE.fullmatch(court.upper())
    return {
        "company_name": said["company_name"] or None,
        "register_type_code": register[0] if register else None,
        "register_number": register[1] if register else None,
        "court_code": code[0] if code else None,
        "court_name": court if court and not code else None,
        "seat": said.get("seat") or None,
        "street": said.get("street") or None,
        "postcode": postcode or None,
        "status_code": words.get(status.casefold()),
        "status_date": since,
    }


def _may_be_home(reading: Reading, row: dict[str, Any]) -> bool:
    """Whether an address may be that of a natural person: no register entry, or a registered sole trader (REG-011)."""
    name = row["company_name"] or ""
    return row["register_number"] is None or re.search(reading.options["sole_trader_name"], name) is not None


def _refuse_persons(reading: Reading, mapping: ListMapping, mapping_name: str) -> None:
    for field, column in mapping.columns.items():
        if re.search(reading.options["personal_header"], column, re.IGNORECASE):
            raise reading.delivery.refuse(
                f"its mapping {mapping_name} reads '{column}', which speaks of natural persons", "columns about companies only",
                "take this field out of the mapping; names and dates of persons are not needed here and never read",
                field=field, rule_id="REG-011",
            )  # fmt: skip


def _retrieved(delivery: Delivery, mapping: ListMapping, mapping_name: str) -> datetime:
    """When the list was made: as the mapping says, else as the file's name does."""
    day = mapping.retrieved_at or as_date(delivery.vintage or "", "%Y-%m-%d")
    if day is None:
        raise delivery.refuse(
            f"neither its name nor its mapping {mapping_name} says when it was made", "retrieved_at: YYYY-MM-DD",
            "add retrieved_at to the mapping, or put the date at the end of the file's name", rule_id="LND-001",
        )  # fmt: skip
    return datetime(day.year, day.month, day.day)


def _frame(reading: Reading, name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    table = reading.delivery.source.tables[name]
    columns = [*(c.name for c in table.columns), "source_row"]
    return pl.DataFrame(rows, schema={c: table.lake_schema[c] for c in columns}, orient="row")
