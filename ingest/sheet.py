"""Tables out of workbooks and delimited files: the header found, rows counted below it, all as text.

Belongs here: cutting a table out by its layout, and reading dates and numbers that are written as text. Does not belong
here: what a column means (``mapping``, ``sources``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import fastexcel

from ingest.delivery import Delivery
from ingest.mapping import Layout, NumberFormat

Row = list[str]
WORKBOOK = ".xlsx"
JOINT = " | "
NATIVE_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?")
SHOWN = 40


@dataclass(frozen=True)
class Sheet:
    """A table: its headers, and rows with their number below the header, from 1; a cell without value is ''."""

    headers: list[str]
    rows: list[tuple[int, Row]]


def read_sheet(delivery: Delivery, layout: Layout) -> Sheet:
    """The table of a delivery.

    Raises:
        DeliveryError: the file cannot be read, or the table does not lie where the layout says.
    """
    grid = _workbook(delivery, layout) if delivery.suffix.lower() == WORKBOOK else _delimited(delivery, layout)
    first, last = layout.header_rows[0], layout.header_rows[-1]
    header = grid[first - 1 : last]
    if len(header) < last - first + 1 or not any(any(row) for row in header):
        raise delivery.refuse(
            f"row {last} holds no header", "the headers of the table in the row that the mapping names (header_row)",
            "open the file and correct header_row in its mapping",
        )  # fmt: skip
    width = max(len(row) for row in header)
    headers = _joined([row + [""] * (width - len(row)) for row in header])
    rows = list(_body(delivery, layout, grid[last:], len(headers)))
    _refuse_merged(delivery, layout, headers, rows)
    return Sheet(headers, rows)


def places(delivery: Delivery, sheet: Sheet, columns: dict[str, str]) -> dict[str, int]:
    """Where each field stands in a row, counted from 0.

    Raises:
        DeliveryError: a named column is missing, or there are two of that name.
    """
    found = {}
    for field, column in columns.items():
        count = sheet.headers.count(column.strip())
        if count != 1:
            named = "; ".join(h for h in sheet.headers if h)
            raise delivery.refuse(
                f"column '{column}' {'is missing' if not count else f'stands there {count} times'}",
                f"it once among the headers, which are: {named}",
                "correct the mapping (columns, header_row or sheet); headers are compared letter by letter",
                field=field,
            )
        found[field] = sheet.headers.index(column.strip())
    return found


def as_date(text: str, date_format: str) -> date | None:
    """A date as written, or as a workbook keeps it; None when it is neither."""
    native = NATIVE_DATE.fullmatch(text)
    try:
        return date.fromisoformat(native[1]) if native else datetime.strptime(text, date_format).date()
    except ValueError:
        return None


def as_number(text: str, number_format: NumberFormat | None) -> float | None:
    """A number as written; groups of thousands must be whole groups. None when it is no such number.

    Without a format it is a workbook's own number: digits, and a point before decimals.
    """
    decimal, thousands = (number_format.decimal, number_format.thousands) if number_format else (".", "")
    grouped = rf"|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+" if thousands else ""
    if not re.fullmatch(rf"-?(?:\d+{grouped})(?:{re.escape(decimal)}\d+)?", text, re.ASCII):
        return None
    plain = text.replace(thousands, "") if thousands else text
    return float(plain.replace(decimal, "."))


def _workbook(delivery: Delivery, layout: Layout) -> list[Row]:
    try:
        book = fastexcel.read_excel(delivery.content())
    except fastexcel.FastExcelError as error:
        raise delivery.refuse(
            f"the workbook cannot be read ({str(error).splitlines()[0]})", "an XLSX workbook without a password",
            "open it, save it as XLSX without a password and replace the file", rule_id="LND-002",
        ) from error  # fmt: skip
    if layout.sheet is None and len(book.sheet_names) > 1:
        raise delivery.refuse(
            f"the workbook has {len(book.sheet_names)} sheets", f"the mapping names one (sheet): {', '.join(book.sheet_names)}",
            "add 'sheet' to the mapping",
        )  # fmt: skip
    name = layout.sheet or book.sheet_names[0]
    try:
        # Without skip_rows the reader leaves out empty rows at the top, and no row number would be the user's.
        frame = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.SheetNotFoundError as error:
        raise delivery.refuse(
            f"there is no sheet '{name}'", f"one of {', '.join(book.sheet_names)}", "correct 'sheet' in the mapping"
        ) from error
    except fastexcel.FastExcelError as error:
        raise delivery.refuse(
            f"sheet '{name}' cannot be read ({str(error).splitlines()[0]})", "a whole sheet", rule_id="LND-002"
        ) from error
    return [[_cell(value) for value in row] for row in frame.rows()]


def _delimited(delivery: Delivery, layout: Layout) -> list[Row]:
    content = delivery.content()
    try:
        text = content.decode(layout.encoding)
    except UnicodeDecodeError as error:
        raise delivery.refuse(
            f"byte {error.start} is not {layout.encoding}", f"text in {layout.encoding}, as the mapping says",
            "correct 'encoding' in the mapping (cp1252 is usual for older exports)",
            row=content[: error.start].count(b"\n") + 1, rule_id="LND-003",
        ) from error  # fmt: skip
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, strict=True)
        return [[_cell(value) for value in row] for row in lines]
    except csv.Error as error:
        raise delivery.refuse(
            f"the file cannot be split into cells ({error})", f"cells separated by '{layout.delimiter}', quotes in pairs",
            "correct 'delimiter' in the mapping, or transfer the file again", rule_id="LND-002",
        ) from error  # fmt: skip


def _cell(value: str | None) -> str:
    return " ".join((value or "").replace("\u00a0", " ").split())


def _joined(header: list[Row]) -> list[str]:
    """One header of several rows: what spans several columns above is said of each of them."""
    for row in header[:-1]:
        for place in range(1, len(row)):
            row[place] = row[place] or row[place - 1]
    columns = zip(*header, strict=True)
    return [JOINT.join(dict.fromkeys(part for part in column if part)) for column in columns]


def _body(delivery: Delivery, layout: Layout, grid: list[Row], width: int) -> Iterator[tuple[int, Row]]:
    """Rows below the header up to the end of the table; empty ones are left out."""
    end = layout.ends_before
    for number, row in enumerate(grid, 1):
        if end is not None and next((cell for cell in row if cell), "").startswith(end):
            return
        if not any(row):
            continue
        # A workbook is a rectangle; in a delimited file another number of cells means that one was cut in two.
        if len(row) != width and (delivery.suffix.lower() != WORKBOOK or any(row[width:])):
            raise delivery.refuse(
                f"there are {len(row)} cells", f"{width}, as the header has",
                "look at this row: a separator inside a text needs quotes; or name where the table ends (ends_before)",
                row=number,
            )  # fmt: skip
        yield number, row
    if end is not None:
        raise delivery.refuse(
            f"no row begins with '{end}'", "the row that ends the table, as the mapping says (ends_before)",
            "correct or remove 'ends_before' in the mapping", rule_id="LND-002",
        )  # fmt: skip


def _refuse_merged(delivery: Delivery, layout: Layout, headers: list[str], rows: list[tuple[int, Row]]) -> None:
    """Refuse a mapped header that spans several columns: which of them is meant is not said."""
    wanted = {column.strip() for column in layout.columns.values()}
    for place in range(1, len(headers)):
        if headers[place] or headers[place - 1] not in wanted:
            continue
        filled = next((row[place] for _, row in rows if row[place]), None)
        if filled is not None:
            raise delivery.refuse(
                f"header '{headers[place - 1]}' is followed by a column without one that holds '{filled[:SHOWN]}': merged cells?",
                "a header of its own over every column beside a mapped one",
                "undo the merging in the file, or give all rows of the header: header_row: [4, 5]",
                field=headers[place - 1],
            )
