"""VIES: which VAT numbers are to be checked, and what an answer says.

An answer is valid, invalid, or none at all: a service or a member state that does not answer says nothing of a number.

Belongs here: the list's form, and the meaning of an answer (the connector asks it too). Does not belong here: asking.

Reference: European Commission, VIES on-the-web, REST interface ``check-vat-number`` and its error codes.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
from stdnum.eu.vat import MEMBER_STATES

from ingest.readers import Reading, Tables, reader

COLUMN = "vat_number"
# VIES calls Greece EL.
STATES = {code.upper().replace("GR", "EL") for code in MEMBER_STATES}
NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,12}")
BUSY = {"MS_MAX_CONCURRENT_REQ", "MS_MAX_CONCURRENT_REQ_TIME", "GLOBAL_MAX_CONCURRENT_REQ", "GLOBAL_MAX_CONCURRENT_REQ_TIME", "SERVER_BUSY"}  # fmt: skip
SERVICE_WIDE = {"SERVICE_UNAVAILABLE", "GLOBAL_MAX_CONCURRENT_REQ", "GLOBAL_MAX_CONCURRENT_REQ_TIME", "SERVER_BUSY"}
# These need a person: the service does not want to be asked by us, or does not know who asks.
REFUSED = {"VAT_BLOCKED", "IP_BLOCKED", "INVALID_REQUESTER_INFO"}
UNAVAILABLE = BUSY | SERVICE_WIDE | REFUSED | {"MS_UNAVAILABLE", "TIMEOUT"}
# Asking again would bring the same.
FINAL_ERRORS = {"INVALID_INPUT"}
NOTHING = ("", "---")


@dataclass(frozen=True)
class Verdict:
    """What an answer says: ``state_code`` valid, invalid, unavailable or undetermined, and the code it gave why."""

    state_code: str
    error_code: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether asking again soon would be of no use."""
        return self.state_code in ("valid", "invalid") or self.error_code in FINAL_ERRORS


def verdict(answer: Any) -> Verdict | None:
    """The meaning of an answer; None when it is none of the service's."""
    if not isinstance(answer, dict):
        return None
    code = _error_code(answer)
    is_valid, user = answer.get("valid", answer.get("isValid")), answer.get("userError") or ""
    if code is None:
        if not isinstance(is_valid, bool):
            return None
        if user in ("", "VALID" if is_valid else "INVALID"):
            return Verdict("valid" if is_valid else "invalid")
        code = "CONTRADICTION" if user in ("VALID", "INVALID") else str(user)
    return Verdict("unavailable" if code in UNAVAILABLE else "undetermined", code)


def _error_code(answer: dict[str, Any]) -> str | None:
    """The code of an answer that failed as a whole."""
    wrappers = answer.get("errorWrappers")
    if wrappers and isinstance(wrappers, list) and isinstance(wrappers[0], dict):
        return str(wrappers[0].get("error") or "UNNAMED")
    return "UNNAMED" if answer.get("actionSucceed") is False else None


def moment(text: Any) -> datetime | None:
    """A moment in ISO 8601 as UTC without zone; None when it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


class ListError(ValueError):
    """A list of numbers that cannot be used; ``row`` counts from 1 below the header."""

    def __init__(self, problem: str, expected: str, row: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.expected, self.row = problem, expected, row


def listed_numbers(content: bytes) -> list[tuple[int, str]]:
    """Row and normal form of every number of a list: no blanks, dots or dashes, Greece as EL, each number once.

    Raises:
        ListError: there is no such column, or a number that no member state gives.
    """
    try:
        text = content.decode("utf-8-sig")
        first = text.splitlines()[0] if text.strip() else ""
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListError(f"the list cannot be read ({error})", "a CSV in UTF-8") from error
    if COLUMN not in [name.strip() for name in first.replace(";", ",").split(",")]:
        raise ListError(f"there is no column '{COLUMN}'", f"a header with '{COLUMN}'; other columns are not read")
    found: dict[str, int] = {}
    for row, cells in enumerate(rows, 1):
        given = next((value for name, value in cells.items() if name and name.strip() == COLUMN), None) or ""
        number = re.sub(r"[\s.\-/]", "", given).upper()
        number = "EL" + number[2:] if number.startswith("GR") else number
        if not given.strip():
            continue
        if not NUMBER.fullmatch(number) or number[:2] not in STATES:
            raise ListError(f"'{given}' is no VAT number of a member state", "its country's two letters and the number, such as DE123456789", row)  # fmt: skip
        found.setdefault(number, row)
    return [(row, number) for number, row in found.items()]


@reader("vies_numbers")
def read_numbers(reading: Reading) -> Tables:
    """The numbers of a list; other columns of the file are not read."""
    try:
        listed = listed_numbers(reading.delivery.content())
    except ListError as error:
        raise reading.delivery.refuse(
            error.problem, error.expected, "correct the list and drop it again", field=COLUMN, row=error.row
        ) from error
    rows = [{"vat_number": number, "country_code": number[:2], "source_row": row} for row, number in listed]
    return {"number": _frame(reading, "number", rows)}


@reader("vies_checks")
def read_checks(reading: Reading) -> Tables:
    """Answers as the connector kept them: JSON lines of ``vat_number``, ``asked_at`` and the service's ``answer``."""
    delivery = reading.delivery
    rows = []
    for number, entry in _lines(reading):
        answer, asked = entry.get("answer"), moment(entry.get("asked_at"))
        found, vat_number = verdict(answer), str(entry.get("vat_number") or "")
        if found is None or asked is None or not isinstance(answer, dict):
            raise delivery.refuse(
                "this line is no answer of the service", "vat_number, asked_at (ISO 8601) and the answer as it came",
                field="answer" if found is None else "asked_at", row=number, rule_id="LND-002",
            )  # fmt: skip
        rows.append({
            "vat_number": vat_number, "country_code": vat_number[:2], "state_code": found.state_code,
            "error_code": found.error_code, "asked_at": asked, "requested_at": moment(answer.get("requestDate")),
            "consultation_number": _text(answer.get("requestIdentifier")), "trader_name": _text(answer.get("name")),
            "trader_address": _text(answer.get("address")), "source_row": number,
        })  # fmt: skip
    return {"check": _frame(reading, "check", rows)}


def _lines(reading: Reading) -> Iterator[tuple[int, dict[str, Any]]]:
    delivery = reading.delivery
    for number, line in enumerate(delivery.content().splitlines(), 1):
        try:
            entry = json.loads(line.decode("utf-8"))
            if not isinstance(entry, dict):
                raise TypeError("no object")
        except (UnicodeDecodeError, ValueError, TypeError) as error:
            raise delivery.refuse(
                f"this line is no JSON object ({type(error).__name__})", "one answer per line", row=number, rule_id="LND-002"
            ) from error  # fmt: skip
        yield number, entry


def _text(value: Any) -> str | None:
    """Text of the service on one line; '---' is its way of saying nothing."""
    text = " ".join(str(value or "").split())
    return None if text in NOTHING else text


def _frame(reading: Reading, name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    table = reading.delivery.source.tables[name]
    columns = [*(c.name for c in table.columns), "source_row"]
    return pl.DataFrame(rows, schema={c: table.lake_schema[c] for c in columns}, orient="row")
