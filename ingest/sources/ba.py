"""Tables of the Federal Employment Agency as published, read by a mapping that says where region, industry and values are.

Layouts are not confirmed and change between editions, so none is built in. A cell is a number or a sign; a sign never
becomes a number.

Belongs here: what a mapping of such a table says, and one row per cell. Does not belong here: finding a table in a file
(``sheet``) or what a secret cell may be estimated from (dbt).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from ingest.contract import Strict
from ingest.delivery import Delivery
from ingest.mapping import Layout, read_mapping
from ingest.readers import Reading, Tables, reader
from ingest.sheet import WORKBOOK, Sheet, as_number, places, read_sheet

FIELDS = ("region_code", "region_label", "wz_code", "wz_label", "characteristic_code")
TOTAL = "TOTAL"
EXAMPLE = """\
table_code: gemband-dlk
unit_label: Anzahl
wz_revision: WZ2008          # WZ2008, WZ2025, or none for a table without industries
sheet: Wirtschaftsabteilungen
header_row: [8, 9]           # several rows are read as one header, "above | below"
ends_before: Quelle          # the first cell of the row after the table begins with this
# reference_date: 2024-06-30 # otherwise the last day of the month in the file's name
fill_down: [region_code, region_label]   # cells that are merged downwards
columns: {region_code: Schlüssel, region_label: Region}
values:                      # one entry per column of values, or one for all that fit a pattern
  - {column: Insgesamt, indicator_code: employees}
  - {pattern: '(?P<wz>\\d{2}) .+', indicator_code: employees}
# number_format: {decimal: ",", thousands: "."}   # text files; workbooks where numbers are text
"""


class Values(Strict):
    """A column of values, or all columns whose header fits ``pattern``; its group ``wz`` is their industry."""

    column: str | None = None
    pattern: str | None = None
    indicator_code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    wz_code: str | None = None
    characteristic_code: str = TOTAL

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"'{value}' is no pattern ({error})") from error
        return value

    @model_validator(mode="after")
    def _names_columns(self) -> Values:
        if (self.column is None) == (self.pattern is None):
            raise ValueError("an entry of values names either a column or a pattern")
        return self


class TableMapping(Layout):
    """What a table's mapping says."""

    table_code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    unit_label: str = Field(min_length=1)
    wz_revision: Literal["WZ2008", "WZ2025", "none"]
    reference_date: date | None = None
    fill_down: list[str] = Field(default_factory=list)
    values: list[Values] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> TableMapping:
        if unknown := [field for field in self.columns if field not in FIELDS]:
            raise ValueError(f"there is no field '{unknown[0]}'; there are: {', '.join(FIELDS)}")
        if "region_code" not in self.columns:
            raise ValueError("columns says nothing of 'region_code'; a value without its region is of no use")
        if lost := [field for field in self.fill_down if field not in self.columns]:
            raise ValueError(f"fill_down names '{lost[0]}', which is no mapped column")
        return self


@dataclass(frozen=True)
class Valued:
    """A column of values: its place in a row, and what its cells are about."""

    place: int
    header: str
    wz_code: str | None
    facts: Values


@reader("ba")
def read_table(reading: Reading) -> Tables:
    """The table's cells, and one row about the file itself."""
    delivery = reading.delivery
    mapping, path = read_mapping(delivery, reading.region, TableMapping, EXAMPLE)
    if mapping.number_format is None and delivery.suffix.lower() != WORKBOOK:
        raise delivery.refuse(
            f"its mapping {path.name} does not say how numbers are written", "number_format, such as {decimal: ',', thousands: '.'}",
            "add number_format to the mapping: in a text file '1.234' may be one or a thousand",
        )  # fmt: skip
    day = mapping.reference_date or _month_end(delivery)
    sheet = read_sheet(delivery, mapping)
    where = places(delivery, sheet, mapping.columns)
    valued = list(_valued(delivery, sheet, mapping.values))
    cells = [
        {**cell, "table_code": mapping.table_code, "reference_date": day, "wz_revision": mapping.wz_revision, "unit_label": mapping.unit_label}
        for number, said, row in _rows(sheet, where, mapping.fill_down, valued)
        for cell in _cells(reading, mapping, valued, number, said, row)
    ]  # fmt: skip
    about = {
        "table_code": mapping.table_code, "reference_date": day, "sheet_name": mapping.sheet, "cell_count": len(cells),
        "mapping_name": path.name, "mapping_text": path.read_text(encoding="utf-8"), "source_row": 1,
    }  # fmt: skip
    return {"cell": _frame(reading, "cell", cells), "workbook": _frame(reading, "workbook", [about])}


def _rows(
    sheet: Sheet, where: dict[str, int], fill_down: list[str], valued: list[Valued]
) -> Iterator[tuple[int, dict[str, str], list[str]]]:
    """Rows with their fields; a heading without a region and without values is left out."""
    above: dict[str, str] = {}
    for number, row in sheet.rows:
        said = {field: row[place] for field, place in where.items()}
        if not said["region_code"] and not any(row[v.place] for v in valued):
            continue
        for field in fill_down:
            said[field] = above[field] = said[field] or above.get(field, "")
        yield number, said, row


def _cells(
    reading: Reading, mapping: TableMapping, valued: list[Valued], number: int, said: dict[str, str], row: list[str]
) -> Iterator[dict[str, Any]]:
    """Every value of a row; what is neither a number nor a known sign is refused (STA-003)."""
    signs: dict[str, str] = reading.options["signs"]
    for column in valued:
        raw = row[column.place]
        value = None if raw in signs else as_number(raw, mapping.number_format)
        if value is None and raw not in signs:
            problem = f"'{raw}' is neither a number nor a known sign" if raw else "the cell is empty"
            raise reading.delivery.refuse(
                problem, f"a number, or one of {' '.join(signs)}",
                "look at the legend of the table: add a new sign to the source's contract, or correct number_format",
                field=column.header, row=number, rule_id="STA-003",
            )  # fmt: skip
        yield {
            "region_raw_code": said["region_code"].replace(" ", "") or None,
            "region_label": said.get("region_label") or None,
            "wz_raw_code": column.wz_code or said.get("wz_code") or TOTAL,
            "wz_label": (column.header if column.facts.pattern else said.get("wz_label")) or None,
            "characteristic_code": said.get("characteristic_code") or column.facts.characteristic_code,
            "indicator_code": column.facts.indicator_code,
            "value_raw": raw,
            "value": value,
            "symbol": raw if raw in signs else None,
            "symbol_meaning_code": signs.get(raw),
            "source_row": number,
        }


def _valued(delivery: Delivery, sheet: Sheet, values: list[Values]) -> Iterator[Valued]:
    taken: set[int] = set()
    for facts in values:
        if facts.column is not None:
            found = [(places(delivery, sheet, {"values": facts.column})["values"], facts.wz_code)]
        else:
            fitting = [(place, re.fullmatch(facts.pattern or "", header)) for place, header in enumerate(sheet.headers)]
            found = [(place, match.groupdict().get("wz") or facts.wz_code) for place, match in fitting if match]
        if not found:
            named = "; ".join(h for h in sheet.headers if h)
            raise delivery.refuse(
                f"no column fits the pattern {facts.pattern}", f"at least one among: {named}", "correct the pattern in the mapping", field="values"
            )  # fmt: skip
        if again := [place for place, _ in found if place in taken]:
            raise delivery.refuse(
                f"column '{sheet.headers[again[0]]}' is read as values twice", "each column once",
                "make the patterns and columns of 'values' in the mapping exclude each other", field="values",
            )  # fmt: skip
        taken |= {place for place, _ in found}
        for place, wz_code in found:
            yield Valued(place, sheet.headers[place], wz_code, facts)


def _month_end(delivery: Delivery) -> date:
    year, month = int(delivery.partition_key[-6:-2]), int(delivery.partition_key[-2:])
    if not 1 <= month <= 12:
        raise delivery.refuse(
            f"its name ends with '{delivery.partition_key[-6:]}', which is no month", "YYYYMM, or reference_date in the mapping", rule_id="LND-001"
        )  # fmt: skip
    return date(year, month, calendar.monthrange(year, month)[1])


def _frame(reading: Reading, name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    table = reading.delivery.source.tables[name]
    columns = [*(c.name for c in table.columns), "source_row"]
    return pl.DataFrame(rows, schema={c: table.lake_schema[c] for c in columns}, orient="row")
