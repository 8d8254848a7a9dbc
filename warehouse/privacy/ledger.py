"""The ledger: every decision that two records' companies are one, are two, or follow one another; dated, with its evidence.

Companies get their ids from exact keys (``pseudonyms``) and keep them for ever. What is more than an exact key says is a row
here, and rows are taken back, never removed: without its row a merge is undone at the next refresh, with every record again
under the id it had.

Belongs here: writing, reading and taking back decisions. Does not belong here: finding them (``matching``) or what follows
for the ids (``clusters``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from warehouse.errors import KettenwerkError
from warehouse.paths import Lineage
from warehouse.privacy.clusters import Clusters
from warehouse.privacy.keys import cipher
from warehouse.privacy.vault import Vault

SAME, DISTINCT, SUCCESSOR, PART = "same", "distinct", "successor", "part_of"
ACTIONS = (SAME, DISTINCT, SUCCESSOR, PART)
LINKAGE, PERSON = "linkage", "person"


@dataclass(frozen=True)
class Decision:
    """One row. ``successor``: left was followed by right; ``part_of``: left is a site, branch or partner of right.

    ``evidence`` may name companies and stays encrypted; ``reversed_at`` is NULL while the decision is in force.
    """

    action: str
    left: str
    right: str
    method: str
    decided_by: str
    decided_on: date
    probability: float | None = None
    method_version: str | None = None
    effective_on: date | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    decision_id: str = ""
    written_at: str = ""
    reversed_at: str | None = None
    reversed_by: str | None = None
    reversed_because: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Both companies, whichever came first."""
        return (self.left, self.right) if self.left <= self.right else (self.right, self.left)

    @property
    def is_active(self) -> bool:
        return self.reversed_at is None


COLUMNS = (
    "decision_id, action, left_company, right_company, method, decided_by, decided_on, probability, method_version, "
    "effective_on, sealed, written_at, reversed_at, reversed_by, reversed_because"
)


def decisions(lineage: Lineage) -> list[Decision]:
    """Every decision ever made and not erased, oldest first."""
    lock = cipher(lineage)
    with Vault(lineage).connection() as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM company_decision ORDER BY written_at, rowid").fetchall()
    return [
        Decision(
            action, left, right, method, by, date.fromisoformat(on), probability, version,
            date.fromisoformat(effective) if effective else None, json.loads(lock.decrypt(sealed)), key, written, *taken_back,
        )
        for key, action, left, right, method, by, on, probability, version, effective, sealed, written, *taken_back in rows
    ]  # fmt: skip


def clusters(lineage: Lineage) -> Clusters:
    """Which ids are one company now."""
    with Vault(lineage).connection() as connection:
        return clusters_in(connection)


def clusters_in(connection: sqlite3.Connection) -> Clusters:
    """The same, within a transaction of the vault."""
    pairs = connection.execute(
        "SELECT left_company, right_company, action FROM company_decision WHERE reversed_at IS NULL"
    ).fetchall()
    order = [row[0] for row in connection.execute("SELECT company_id FROM company ORDER BY rowid")]
    same = [(left, right) for left, right, action in pairs if action == SAME]
    distinct = [(left, right) for left, right, action in pairs if action == DISTINCT]
    return Clusters.of(order, same, distinct)


def decide(lineage: Lineage, made: Iterable[Decision]) -> list[str]:
    """Write what a person decided, all or nothing; the ids of the decisions. The same decision twice is one row.

    Raises:
        KettenwerkError: a company is unknown, or a decision contradicts one that is in force.
    """
    ids = []
    with Vault(lineage).connection() as connection:
        for decision in made:
            _known(connection, decision)
            if (there := _there(connection, decision)) is not None:
                ids.append(there)
                continue
            refusal = clusters_in(connection).contradiction(decision.action, decision.left, decision.right)
            if refusal:
                raise KettenwerkError(
                    f"'{decision.action}' contradicts the ledger: {refusal}", where=f"{decision.left} and {decision.right}",
                    expected="decisions that hold together",
                    todo="see 'kettenwerk identity ledger'; take the other decision back first: kettenwerk identity reverse ID",
                )  # fmt: skip
            ids.append(_write(lineage, connection, decision))
    return ids


def decide_automatically(lineage: Lineage, made: Iterable[Decision]) -> list[Decision]:
    """Write what the method found, except where a person's decision or two register numbers stand against it.

    Returns those that were not written: a person has to look at them.
    """
    left_open = []
    with Vault(lineage).connection() as connection:
        for decision in made:
            found = clusters_in(connection)
            if found.contradiction(decision.action, decision.left, decision.right) or _two_registers(
                connection, found, decision
            ):
                left_open.append(decision)
            elif _there(connection, decision) is None:
                _write(lineage, connection, decision)
    return left_open


def reverse(lineage: Lineage, decision_id: str, by: str, because: str) -> Decision:
    """Take a decision back; the row stays. The method never makes the same decision again.

    Raises:
        KettenwerkError: there is no such decision, or it was taken back before.
    """
    found = [d for d in decisions(lineage) if decision_id and d.decision_id.startswith(decision_id)]
    if len(found) != 1 or not found[0].is_active:
        problem = (
            "was taken back before"
            if len(found) == 1
            else "is the beginning of several"
            if found
            else "is not in the ledger"
        )
        raise KettenwerkError(
            f"decision '{decision_id}' {problem}", where="ledger of companies", expected="a decision in force",
            todo="call: kettenwerk identity ledger",
        )  # fmt: skip
    with Vault(lineage).connection() as connection:
        connection.execute(
            "UPDATE company_decision SET reversed_at = ?, reversed_by = ?, reversed_because = ? WHERE decision_id = ?",
            (_now(), by, because, found[0].decision_id),
        )
    return found[0]


def decided_pairs(made: Iterable[Decision]) -> set[tuple[str, str]]:
    """Pairs of ids on which there ever was a decision, taken back or not: the method leaves them alone."""
    return {d.pair for d in made}


def _known(connection: sqlite3.Connection, decision: Decision) -> None:
    for company in (decision.left, decision.right):
        if not connection.execute("SELECT 1 FROM company WHERE company_id = ?", (company,)).fetchone():
            raise KettenwerkError(
                f"company '{company}' is not known", where="ledger of companies", expected="two ids of this profile (C-...)",
                todo="write the list again: kettenwerk identity review",
            )  # fmt: skip
    if decision.left == decision.right:
        raise KettenwerkError(
            f"'{decision.left}' stands on both sides", where="ledger of companies", expected="two different ids"
        )


def _there(connection: sqlite3.Connection, decision: Decision) -> str | None:
    """An equal decision in force."""
    row = connection.execute(
        "SELECT decision_id FROM company_decision WHERE action = ? AND reversed_at IS NULL AND "
        "((left_company = ? AND right_company = ?) OR (left_company = ? AND right_company = ? AND action IN ('same', 'distinct')))",
        (decision.action, decision.left, decision.right, decision.right, decision.left),
    ).fetchone()
    return str(row[0]) if row else None


def _two_registers(connection: sqlite3.Connection, found: Clusters, decision: Decision) -> bool:
    """Whether each side has a register number and none is shared: only a person merges these (IDN-004)."""
    sides = []
    for company in decision.pair:
        members = found.members(company)
        marks = ", ".join("?" * len(members))
        rows = connection.execute(
            f"SELECT lookup FROM identity_key WHERE key_type = 'register' AND company_id IN ({marks})", members
        ).fetchall()
        sides.append({row[0] for row in rows})
    return bool(sides[0] and sides[1] and not sides[0] & sides[1])


def _write(lineage: Lineage, connection: sqlite3.Connection, decision: Decision) -> str:
    written = _now()
    facts = f"{decision.action}|{decision.left}|{decision.right}|{written}"
    decision_id = "D-" + hashlib.sha256(facts.encode()).hexdigest()[:12]
    sealed = cipher(lineage).encrypt(json.dumps(decision.evidence, ensure_ascii=False).encode())
    effective = decision.effective_on.isoformat() if decision.effective_on else None
    connection.execute(
        f"INSERT INTO company_decision ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        (decision_id, decision.action, decision.left, decision.right, decision.method, decision.decided_by,
         decision.decided_on.isoformat(), decision.probability, decision.method_version, effective, sealed, written),
    )  # fmt: skip
    return decision_id


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
