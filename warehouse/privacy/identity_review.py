"""The list on which a person decides which companies are one: CSV out for a spreadsheet, the same file back with decisions.

Belongs here: the columns of that list, writing it and reading it. Does not belong here: finding candidates (``matching``) or
what a decision does (``ledger``).
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.lake import read_system_table
from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy.ledger import DISTINCT, PART, PERSON, SAME, SUCCESSOR, Decision
from warehouse.spreadsheet import unarmed

COLUMNS = {
    "company_id": "Unternehmen", "candidate_company_id": "Kandidat", "side_code": "Herkunft", "probability": "Wahrscheinlichkeit %",
    "reason_de": "Warum zu prüfen", "explanation_de": "Befund",
}  # fmt: skip
DECISION, EFFECTIVE, BY, ON, NOTE = "Entscheidung", "Gültig ab", "Entschieden von", "Entschieden am", "Bemerkung"
ANSWERS = (DECISION, EFFECTIVE, BY, ON, NOTE)
SIDES = {"register": "Register", "survey": "andere Antwort"}
WORDS = {
    "gleich": SAME, "verschieden": DISTINCT, "nachfolger": SUCCESSOR, "teil": PART,
    SAME: SAME, DISTINCT: DISTINCT, SUCCESSOR: SUCCESSOR, PART: PART,
}  # fmt: skip
FOLDER, FILE = "review", "identity-review.csv"
OWNER_FILE = 0o600


def write_review(lineage: Lineage, path: Path | None = None) -> tuple[Path | None, int]:
    """Write what is open; where it lies (None where nothing is open) and how many companies it asks about.

    Raises:
        KettenwerkError: nothing has been refreshed yet.
    """
    try:
        rows = read_system_table(lineage.lake, "identity", "candidate")
    except (FileNotFoundError, pl.exceptions.PolarsError):
        raise KettenwerkError(
            "nothing has been compared yet", where=f"profile {lineage.profile}", todo=f"call: kettenwerk refresh --profile {lineage.profile}"
        ) from None  # fmt: skip
    if rows.is_empty():
        return None, 0
    target = path or lineage.root / FOLDER / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text_atomically(target, _as_csv(rows), OWNER_FILE)
    return target, rows["company_id"].n_unique()


def _as_csv(rows: pl.DataFrame) -> str:
    """Semicolons and a byte order mark, as German spreadsheets open it; no cell can be taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*COLUMNS.values(), *ANSWERS])
    for row in rows.iter_rows(named=True):
        said = {**row, "side_code": SIDES.get(row["side_code"], row["side_code"])}
        said["probability"] = f"{row['probability'] * 100:.1f}".replace(".", ",")
        writer.writerow([*(unarmed(str(said[name] or "")) for name in COLUMNS), *("" for _ in ANSWERS)])
    return "\ufeff" + buffer.getvalue()


def read_review(path: Path) -> list[Decision]:
    """Decisions of a filled-in list; rows without one are still open.

    Raises:
        KettenwerkError: the file is not that list, or a row decides nothing clear; it names file, row and column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise KettenwerkError(
            f"the file cannot be read ({type(error).__name__})", where=str(path), expected="the list in UTF-8",
            todo="save it from the spreadsheet as 'CSV UTF-8'",
        ) from error  # fmt: skip
    lines = text.splitlines()
    separator = max(";,\t", key=lines[0].count) if lines else ";"
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    needed = (COLUMNS["company_id"], COLUMNS["candidate_company_id"], *ANSWERS)
    if missing := [name for name in needed if name not in (reader.fieldnames or [])]:
        raise KettenwerkError(
            f"column '{missing[0]}' is missing", where=str(path), expected=f"the columns {', '.join(needed)}",
            todo="fill in the list as 'kettenwerk identity review' wrote it, and change no other column",
        )  # fmt: skip
    return [_decision(path, number, row) for number, row in enumerate(reader, 2) if (row[DECISION] or "").strip()]


def _decision(path: Path, number: int, row: dict[str, str]) -> Decision:
    def refused(problem: str, field: str, expected: str) -> KettenwerkError:
        return KettenwerkError(problem, where=f"{path}, row {number}, column '{field}'", expected=expected)

    said = {name: (text or "").strip() for name, text in row.items() if name}
    action = WORDS.get(said[DECISION].lower())
    if action is None:
        raise refused(f"'{said[DECISION][:40]}' is no decision", DECISION, "gleich, verschieden, nachfolger or teil")
    if not said[BY]:
        raise refused("nobody is named for a decision", BY, "who decided")
    days = {}
    for field in (ON, EFFECTIVE):
        days[field] = _day(said[field])
        if days[field] is None and (said[field] or field == ON):
            raise refused(f"'{said[field][:40]}' is no day", field, "a day like 03.02.2027")
    decided_on = days[ON]
    assert decided_on is not None
    return Decision(
        action, said[COLUMNS["company_id"]], said[COLUMNS["candidate_company_id"]], PERSON, said[BY], decided_on,
        effective_on=days[EFFECTIVE], evidence={"explanation_de": said.get(COLUMNS["explanation_de"], ""), "note": said[NOTE]},
    )  # fmt: skip


def _day(text: str) -> date | None:
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%d.%m.%y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None
