"""Rows of text out of an export: its encoding, separator or sheet recognised from the bytes, never configured.

Belongs here: CSV in any usual form and workbooks, as cells of text with their row numbers. Does not belong here: which
row is the header (``layout``) or what a column is (``headers``). What cannot be told is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass

import fastexcel

from ingest.delivery import Delivery
from ingest.readers import csv_bytes
from ingest.survey.text import clean, is_encoded_twice, repaired

DELIMITERS = ";,\t|"
WORKBOOK = ".xlsx"
LONGEST_CELL = 1_000_000
# Letters of German in Windows-1252 (and ISO 8859-1); typographic marks it may hold beside them.
UMLAUT_BYTES = re.compile(rb"[\xc4\xd6\xdc\xe4\xf6\xfc\xdf]")
MARK_BYTES = re.compile(rb"[A-Za-z][\x80-\x9f][a-z]")
UNDEFINED = re.compile(r"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True)
class Grid:
    """Cells as cleaned text. ``repaired_count`` cells were encoded twice and are not any more."""

    rows: list[list[str]]
    repaired_count: int
    encoding: str
    delimiter: str


def read_grid(delivery: Delivery, known: set[str]) -> Grid:
    """Every row of the export.

    Args:
        known: headers any of which may stand there; they tell the separator.

    Raises:
        DeliveryError: encoding or separator cannot be told, or the file is damaged.
    """
    if delivery.suffix.lower() == WORKBOOK:
        rows, encoding, delimiter = _workbook(delivery), "utf-8", ""
    else:
        text, encoding = _decoded(delivery, csv_bytes(delivery))
        rows, delimiter = _split(delivery, text, known)
    count = sum(is_encoded_twice(cell) for row in rows for cell in row)
    cleaned = [[clean(repaired(cell)) for cell in row] for row in rows]
    left = sum(is_encoded_twice(cell) for row in cleaned for cell in row)
    return Grid(cleaned, count - left, encoding, delimiter)


def _decoded(delivery: Delivery, raw: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Rows in UTF-8 within a Windows-1252 file come out encoded twice, and are repaired later."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            return _strictly(delivery, raw, "utf-8-sig" if name == "utf-8" else name), name
    if raw.count(b"\x00") * 4 > len(raw):
        raise delivery.refuse(
            "every other byte is empty: UTF-16 without its mark", "UTF-8 or Windows-1252", "export again as UTF-8", rule_id="LND-003"
        )  # fmt: skip
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if MARK_BYTES.search(raw) and not UMLAUT_BYTES.search(raw):
            raise delivery.refuse(
                "its letters beyond ASCII are not those of Windows-1252 (an old DOS or Macintosh file?)", "UTF-8 or Windows-1252",
                "export again as UTF-8", row=raw[: error.start].count(b"\n"), rule_id="LND-003",
            ) from error  # fmt: skip
    return "".join(
        UNDEFINED.sub("\ufffd", part) if not is_encoded_twice(part) else part
        for part in _by_line(raw.decode("cp1252", "sloppy1252"))
    ), "cp1252"


def _by_line(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _keep_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("sloppy1252", _keep_byte)


def _strictly(delivery: Delivery, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise delivery.refuse(
            f"byte {error.start} is not {encoding.removesuffix('-sig')}, although the file says so", f"text in {encoding.removesuffix('-sig')}",
            "export the file again in one encoding", row=raw[: error.start].count(b"\n"), rule_id="LND-003",
        ) from error  # fmt: skip


def _split(delivery: Delivery, text: str, known: set[str]) -> tuple[list[list[str]], str]:
    """Rows by the one separator that makes known headers of the first two lines."""
    found = {mark: _recognised(text, mark, known) for mark in DELIMITERS}
    best = max(found.values())
    marks = [mark for mark, count in found.items() if count == best]
    if best < 1 or (len(marks) > 1 and best > 1):
        raise delivery.refuse(
            "no separator makes columns of the questionnaire out of the first rows", "cells between semicolons, commas or tabs, and a header",
            "export again as CSV with question codes as headers", rule_id="SRV-001",
        )  # fmt: skip
    try:
        csv.field_size_limit(LONGEST_CELL)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=marks[0], strict=True))
    except csv.Error as error:
        raise delivery.refuse(
            f"the file cannot be split into cells ({error})", f"cells separated by '{marks[0]}', quotes in pairs",
            "transfer the file again; a text with quotes needs them doubled", rule_id="LND-002",
        ) from error  # fmt: skip
    return rows, marks[0]


def _recognised(text: str, mark: str, known: set[str]) -> int:
    counts = [0]
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        for _, row in zip(range(2), lines, strict=False):
            counts.append(sum(clean(repaired(cell)) in known for cell in row))
    except csv.Error:
        return 0
    return max(counts)


def _workbook(delivery: Delivery) -> list[list[str]]:
    """The only sheet, every cell as the text a person sees; whole numbers without a decimal part."""
    try:
        book = fastexcel.read_excel(delivery.content())
        names = book.sheet_names
        if len(names) > 1:
            raise delivery.refuse(
                f"the workbook has {len(names)} sheets", "one sheet with the responses", "remove the others, or export as CSV", rule_id="SRV-001"
            )  # fmt: skip
        frame = book.load_sheet(names[0], header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise delivery.refuse(
            f"the workbook cannot be read ({str(error).splitlines()[0]})", "an XLSX workbook without a password",
            "open it, save it as XLSX without a password and replace the file", rule_id="LND-002",
        ) from error  # fmt: skip
    return [[cell or "" for cell in row] for row in frame.rows()]
