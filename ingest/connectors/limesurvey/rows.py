"""A LimeSurvey export taken apart by response, and put together again without changing a byte of any.

Belongs here: records of the CSV, their ids and stamps, merging a part into the whole. Does not belong here: asking for
an export (``limesurvey``) or what an answer means (``sources/limesurvey``). Messages name rows, never their content.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
ID = "id"
STAMPS = ("submitdate", "datestamp")
NEWLINE = b"\n"


@dataclass(frozen=True)
class Export:
    """An export: ``rows`` and ``stamps`` (submitted at, changed at, as text) by response id, ascending."""

    header: bytes
    newline: bytes
    has_bom: bool
    is_ended: bool
    rows: dict[int, bytes]
    stamps: dict[int, tuple[str, ...]]

    @property
    def content(self) -> bytes:
        """The export as a file: the very bytes it was parsed from, where its ids ascend."""
        body = self.newline.join([self.header, *(self.rows[i] for i in sorted(self.rows))])
        return (BOM if self.has_bom else b"") + body + (self.newline if self.is_ended else b"")

    @property
    def state(self) -> str:
        """A short text that differs when a response came, went, was submitted or got another stamp."""
        return state_of(self.stamps)


def state_of(stamps: dict[int, tuple[str, ...]]) -> str:
    """Count, last id and a hash of all ids with their stamps; nothing personal."""
    lines = "\n".join("\t".join([str(i), *stamps[i]]) for i in sorted(stamps))
    return f"{len(stamps)} responses, last {max(stamps, default=0)}, {hashlib.sha256(lines.encode()).hexdigest()[:16]}"


def parsed(content: bytes, delimiter: str) -> Export:
    """Take an export apart.

    Raises:
        ValueError: it is no whole export; the message says where, without any answer in it.
    """
    body = content.removeprefix(BOM)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None
    newline = b"\r\n" if b"\r\n" in body.split(b"\n", 1)[0] + b"\n" else b"\n"
    records = _records(body, newline)
    if not records:
        raise ValueError("it is empty")
    header = _cells(records[0], delimiter)
    if ID not in header:
        raise ValueError(f"there is no column '{ID}' among {len(header)}, split at '{delimiter}'")
    places = [header.index(name) for name in STAMPS if name in header]
    rows: dict[int, bytes] = {}
    stamps: dict[int, tuple[str, ...]] = {}
    for number, record in enumerate(records[1:], 1):
        cells = _cells(record, delimiter)
        if len(cells) != len(header):
            raise ValueError(f"data row {number} has {len(cells)} cells, the header {len(header)}")
        text = cells[header.index(ID)]
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"data row {number} has no number in '{ID}'")
        if int(text) in rows:
            raise ValueError(f"response id {int(text)} occurs more than once")
        rows[int(text)] = record
        stamps[int(text)] = tuple(cells[place] for place in places)
    return Export(records[0], newline, content.startswith(BOM), body.endswith(newline), rows, stamps)


def without_rows(columns: list[str], delimiter: str) -> Export:
    """An export of a survey that holds no response, as LimeSurvey writes one: it gives no heading of its own then."""
    cells = ['"' + name.replace('"', '""') + '"' for name in columns]
    return Export(delimiter.join(cells).encode(), NEWLINE, True, True, {}, {})


def merged(before: Export, parts: list[Export], present: set[int]) -> Export:
    """``before`` with the rows of ``parts`` in place of older ones and without what is no longer ``present``.

    What came in a part although it was not listed yet is kept: it was answered in between.
    """
    rows = {i: row for i, row in before.rows.items() if i in present}
    stamps = {i: before.stamps[i] for i in rows}
    for part in parts:
        rows |= part.rows
        stamps |= part.stamps
    newest = parts[-1] if parts else before
    return Export(before.header, before.newline, before.has_bom, newest.is_ended, rows, stamps)


def runs(ids: set[int], present: set[int], most: int) -> list[tuple[int, int]]:
    """Ranges of ids that cover ``ids``, neighbours among ``present`` together; one range where more would be needed."""
    found: list[tuple[int, int]] = []
    is_open = False
    for i in sorted(present):
        if i not in ids:
            is_open = False
        elif is_open:
            found[-1] = (found[-1][0], i)
        else:
            found.append((i, i))
            is_open = True
    return found if len(found) <= most else [(min(ids), max(ids))]


def _records(body: bytes, newline: bytes) -> list[bytes]:
    """Lines joined until their quotes are closed; a text answer may hold line breaks."""
    records: list[bytes] = []
    part: list[bytes] = []
    quotes = 0
    for line in body.split(newline):
        part.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            records.append(newline.join(part))
            part, quotes = [], 0
    if part:
        raise ValueError(f"it ends inside data row {len(records)}")
    while records and not records[-1]:
        records.pop()
    return records


def _cells(record: bytes, delimiter: str) -> list[str]:
    """The cells of one record, which may span lines."""
    try:
        return next(csv.reader(io.StringIO(record.decode("utf-8"), newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise ValueError(f"a record cannot be split into cells ({error})") from None
