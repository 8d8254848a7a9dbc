"""What a GENESIS service answers: messages with a code of their own, pages, ZIPs with one flat CSV, cubes.

Belongs here: telling them apart and proving that a file is the one that was asked for. Does not belong here: asking
(``session``) or reading the cells (``sources/genesis``).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from ingest.errors import BROKEN_ZIP
from ingest.fetching.http import Answer

OK, ADJUSTED, NOTHING_NEWER, NO_TABLE, TOO_LARGE, JOB_MADE, NO_OBJECT, SYSTEM_ERROR = 0, 22, 50, 90, 98, 99, 104, -1
GOOD = (OK, ADJUSTED)
KNOWN = (*GOOD, NOTHING_NEWER, NO_TABLE, TOO_LARGE, JOB_MADE, NO_OBJECT)
PERIOD_COLUMNS = ("time", "Zeit")
COMMENT = "* (comment of the service, taken out: it names the account)"
SHOWN = 200


class AnswerError(Exception):
    """Something else came than was asked for: what came, what was due, what to do."""

    def __init__(self, problem: str, expected: str, todo: str = "") -> None:
        super().__init__(problem)
        self.problem, self.expected, self.todo = problem, expected, todo


@dataclass(frozen=True)
class Said:
    """A message of the service. ``code`` is None where it has none, as at ``helloworld/logincheck``."""

    code: int | None
    text: str
    body: dict[str, Any]

    def __str__(self) -> str:
        text = " ".join(self.text.split())
        return f"code {self.code} ({text})" if self.code is not None else f"a message without a code ({text})"


@dataclass(frozen=True)
class Reply:
    """A whole answer, and the message in it where it is one."""

    answer: Answer
    said: Said | None

    @property
    def code(self) -> int | None:
        return self.said.code if self.said else None

    @property
    def is_page(self) -> bool:
        return self.answer.content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


@dataclass(frozen=True)
class Delivered:
    """A proven file: the bytes to keep, the hash of what is in them, and the periods it holds.

    A ZIP carries the second it was made, so two ZIPs of the same data differ; ``sha256`` is that of the CSV.
    """

    content: bytes
    sha256: str
    periods: frozenset[str]


def said_in(content: bytes) -> Said | None:
    """The message in an answer. One in Latin-1 is read as such: it is only shown, never stored."""
    if content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        return Said(None, f"JSON that is cut off: {text[:SHOWN]}", {})
    status = body.get("Status", body)
    if not isinstance(status, dict):
        return Said(None, str(status), body)
    code = str(status.get("Code", ""))
    return Said(int(code) if re.fullmatch(r"-?\d+", code) else None, str(status.get("Content", "")), body)


def flat_of(content: bytes, table: str) -> Delivered:
    """Prove a ZIP with the one flat CSV of ``table``.

    Raises:
        AnswerError: it is none, is cut off, holds something else, no row, or text that is not UTF-8.
    """
    name, member = _member(content)
    if not re.match(re.escape(table) + r"[_.]", name):
        raise AnswerError(f"the ZIP holds '{name}'", f"the file of table {table}")
    header, *lines = _lines(member)
    columns = header.split(";")
    time = next((columns.index(c) for c in PERIOD_COLUMNS if c in columns), None)
    if time is None or columns[0] not in ("statistics_code", "Statistik_Code"):
        raise AnswerError(
            f"a CSV that begins with '{header[:80]}' came",
            "the flat format: statistics_code;…;time;…;value",
            "the service may have changed the format; look at the file and extend the reader",
        )
    rows = _rows(lines, len(columns))
    return Delivered(content, hashlib.sha256(member).hexdigest(), frozenset(row[time] for row in rows))


def cube_of(content: bytes, cube: str) -> Delivered:
    """Prove a cube CSV, zipped or not, and take its comments out: they name the account and its group."""
    member = _member(content)[1] if content.startswith(b"PK") else content
    lines = [COMMENT if line.startswith("*") else line for line in _lines(member)]
    named = next((line for line in lines if line.startswith("D;")), "")
    if f"{named};".split(";")[1] != cube:
        raise AnswerError(f"a file that begins with '{(named or lines[0])[:80]}' came", f"the cube {cube}")
    start = next((n for n, line in enumerate(lines) if line.startswith("K;QEI;")), len(lines))
    columns = ["".join(lines[start : start + 1])[:1], *"".join(lines[start : start + 1]).split(";")[2:]]
    if "ZI-WERT" not in columns:
        raise AnswerError("the cube has no line K;QEI with ZI-WERT", "a cube with values", "the file may be cut off")
    rows = _rows(lines[start + 1 :], len(columns))
    kept = ("\n".join(lines) + "\n").encode()
    periods = frozenset(row[columns.index("ZI-WERT")] for row in rows)
    return Delivered(kept, hashlib.sha256(kept).hexdigest(), periods)


def _member(content: bytes) -> tuple[str, bytes]:
    if not content.startswith(b"PK"):
        start = content[:60].decode("utf-8", "replace")
        raise AnswerError(
            f"{len(content):,} bytes that are no ZIP came ('{start}')" if content else "an empty answer came", "a ZIP"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            members = [name for name in names if name.lower().endswith(".csv")]
            if len(members) != 1 or len(names) != 1:
                raise AnswerError(f"the ZIP holds {len(names)} files, {len(members)} of them CSV", "exactly one CSV")
            return members[0], archive.read(members[0])
    except (*BROKEN_ZIP, OSError) as error:
        raise AnswerError(f"the ZIP is damaged or cut off ({error})", "a complete ZIP") from error


def _text(member: bytes) -> str:
    """The text of a CSV; one that only claims to be UTF-8 is refused, because a guess would change names silently."""
    try:
        text = member.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = member[: error.start].count(b"\n") + 1
        near = re.findall(rb"[^;\n]*", member[: error.start + 20][max(error.start - 20, 0) :])
        shown = next((part.decode("latin-1") for part in near if any(byte > 127 for byte in part)), "")
        raise AnswerError(
            f"line {line} of the CSV is not UTF-8: byte 0x{member[error.start]:02x}, in ISO-8859-1 '{shown}'",
            "UTF-8, as the service declares",
            "call again later; if it stays, tell the publisher that umlauts come in ISO-8859-1",
        ) from error
    if "\ufffd" in text:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise AnswerError(
            f"line {line} of the CSV holds the sign for a lost letter (U+FFFD)", "every letter of the names",
            "call again later; if it stays, tell the publisher that its umlauts are lost",
        )  # fmt: skip
    return text


def _lines(member: bytes) -> list[str]:
    """Lines as the service ends them; other signs that Python takes for a line's end may stand in labels."""
    return _text(member).replace("\r\n", "\n").removesuffix("\n").split("\n")


def _rows(lines: list[str], width: int) -> list[list[str]]:
    """Cells of the data rows, all of one width."""
    try:
        rows = list(csv.reader(lines, delimiter=";"))
    except csv.Error as error:
        raise AnswerError(f"the CSV cannot be split into cells ({error})", f"{width} cells in every row") from error
    if not rows:
        raise AnswerError(
            "the CSV has a header and no row", "at least one row", "check the selection of regions and years"
        )
    if len(rows) != len(lines):
        raise AnswerError(
            f"{len(lines)} lines became {len(rows)} rows: a quotation mark joins lines", "one row in every line"
        )
    if short := next((n for n, row in enumerate(rows, 1) if len(row) != width), None):
        raise AnswerError(
            f"data row {short} of the CSV has {len(rows[short - 1])} cells", f"{width} cells in every row"
        )
    return rows
