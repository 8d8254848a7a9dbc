"""Code lists of Comext: delimited text whose order of columns the contract says, with or without a header.

Belongs here: which cell is which column, dates as the contract writes them, and ends that are none. Does not belong here:
which code belongs to which year (dbt's intermediate models).
"""

from __future__ import annotations

import re
from datetime import date, datetime

import polars as pl

from ingest.contract import Column
from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader, typed

LEFT_OUT = "-"
SHOWN_CELLS = 6


@reader("trade_list")
def read_list(reading: Reading) -> Tables:
    """One list. Options: ``delimiter``, ``encoding``, ``date_format``, ``open_dates``, ``layouts`` or ``headers``, ``lists``.

    Raises:
        DeliveryError: a layout no option describes, rows of another length, a date of another form or the wrong way round.
    """
    delivery, options = reading.delivery, reading.options
    rows = _rows(reading)
    order, first = _order(reading, rows)
    width = len(order)
    for number, row in enumerate(rows[first:], start=1):
        if len(row) != width:
            raise delivery.refuse(
                f"{len(row)} cells where the other rows have {width}", f"{width} cells: {', '.join(order)}", row=number
            )
    kept = [(at, name) for at, name in enumerate(order) if name != LEFT_OUT]
    given = {name: [row[at] or None for row in rows[first:]] for at, name in kept}
    frame = pl.DataFrame(given, schema={name: pl.String() for _, name in kept}).with_row_index("source_row", offset=1)
    frame = frame.with_columns(pl.col("source_row").cast(pl.Int64))
    if "lists" in options:
        frame = frame.with_columns(pl.lit(options["lists"][delivery.partition_key]).alias("list_code"))
    for column in reading.table.columns:
        if column.name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(column.name))
        if column.type == "date":
            frame = _dated(reading, frame, column)
    _runs_forward(delivery, frame)
    return {delivery.dataset.tables[0]: typed(delivery, frame, reading.table.columns)}


def _rows(reading: Reading) -> list[list[str]]:
    """Cells of every line; quotation marks are part of a label here, not of the format."""
    delivery, options = reading.delivery, reading.options
    raw = delivery.content()
    try:
        text = raw.decode(options["encoding"])
    except UnicodeDecodeError as error:
        raise delivery.refuse(
            f"byte {error.start} is not {options['encoding']}", f"text in {options['encoding']}",
            "if the publisher changed the encoding, set it in the source's contract", row=raw[: error.start].count(b"\n") + 1,
            rule_id="LND-003",
        ) from error  # fmt: skip
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return [[cell.strip() for cell in line.split(options["delimiter"])] for line in lines]


def _order(reading: Reading, rows: list[list[str]]) -> tuple[list[str], int]:
    """What stands in which cell, and the first row that is no header."""
    columns = {c.name: c for c in reading.table.columns}
    headers: dict[str, str] | None = reading.options.get("headers")
    if headers is not None:
        order = [headers.get(cell, "") for cell in rows[0]]
        needed = {name for name, c in columns.items() if c.required and name != "list_code"}
        if "" not in order and needed <= set(order):
            return order, 1
        raise _unknown_layout(reading, rows[0], "the header " + ", ".join(headers))
    layouts: list[list[str]] = reading.options["layouts"]
    for order in layouts:
        if len(order) == len(rows[0]) and all(
            name == LEFT_OUT or _fits(reading, columns[name], cell) for name, cell in zip(order, rows[0], strict=True)
        ):
            return order, 0
    raise _unknown_layout(reading, rows[0], " or ".join("[" + ", ".join(order) + "]" for order in layouts))


def _unknown_layout(reading: Reading, row: list[str], expected: str) -> Exception:
    shown = " | ".join(row[:SHOWN_CELLS]) + (" | …" if len(row) > SHOWN_CELLS else "")
    return reading.delivery.refuse(
        f"the layout is not known: the first row has {len(row)} cells, '{shown}'",
        f"{expected}, dates as {reading.options['date_format']}",
        "say the order of the columns in the source's contract (layouts, headers, delimiter, date_format)",
        field="layout",
        row=1,
    )


def _fits(reading: Reading, column: Column, cell: str) -> bool:
    """Whether a cell of the first row can be of this column."""
    if column.type == "date":
        return (not cell and not column.required) or _date(reading, cell) is not False
    return bool(cell) and (column.pattern is None or re.fullmatch(column.pattern, cell) is not None)


def _date(reading: Reading, text: str) -> date | bool | None:
    """A date; None where the publisher means no end; False where it is no date."""
    if text in reading.options["open_dates"]:
        return None
    try:
        return datetime.strptime(text, reading.options["date_format"]).date()
    except ValueError:
        return False


def _dated(reading: Reading, frame: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Dates of one column; every different text is read once."""
    said = {text: _date(reading, text) for text in frame[column.name].unique() if text is not None}
    if wrong := [text for text, read in said.items() if read is False]:
        bad = frame.filter(pl.col(column.name).is_in(wrong))
        raise reading.delivery.refuse(
            f"'{bad[column.name][0]}' is not a date ({bad.height} such values)",
            f"a date as {reading.options['date_format']}",
            "if the publisher writes dates in another way, set date_format in the source's contract",
            field=column.name, row=bad["source_row"][0], failed_rows=bad.height,
        )  # fmt: skip
    dates = [None if text is None else said[text] for text in frame[column.name]]
    return frame.with_columns(pl.Series(column.name, dates, dtype=pl.Date))


def _runs_forward(delivery: Delivery, frame: pl.DataFrame) -> None:
    """Nothing ends before it begins."""
    if "valid_to" not in frame.columns:
        return
    bad = frame.filter(pl.col("valid_to") < pl.col("valid_from"))
    if bad.height:
        first = bad.row(0, named=True)
        raise delivery.refuse(
            f"ends on {first['valid_to']}, before it begins on {first['valid_from']} ({bad.height} such rows)",
            "an end on or after the beginning", field="valid_to", row=first["source_row"], failed_rows=bad.height,
        )  # fmt: skip
