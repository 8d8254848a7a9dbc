"""The vault and the works' own tables without an erased company, and the tombstones that keep it out.

Belongs here: rows of the vault, of ``lake/identity`` and of the consent states of kept releases. Does not belong here:
deliveries (``ingest``), releases (``releases``) or the search afterwards (``search``).
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from warehouse.lake import read_system_table, write_parquet, write_system_table
from warehouse.paths import Lineage
from warehouse.privacy import disclosure_memory
from warehouse.privacy.erasure.subject import Subject
from warehouse.privacy.erasure.tombstones import NAME, RESPONSE, TEXT, Tombstones
from warehouse.privacy.keys import cipher
from warehouse.privacy.prepared import forget_prepared
from warehouse.privacy.pseudonyms import normalised_name
from warehouse.privacy.texts import written_by
from warehouse.privacy.vault import Vault

IDENTITY_TABLES = {
    "company_key": ("company_id",),
    "consent": ("company_id",),
    "candidate": ("company_id", "candidate_company_id"),
    "text_key": ("company_id",),
    "decision": ("company_id", "other_company_id", "left_id", "right_id"),
}


@dataclass(frozen=True)
class Erasure:
    """An erasure under way or done."""

    erasure_id: str
    begun_at: str
    reason: str
    subject: Subject


def begin(lineage: Lineage, subject: Subject, keys: tuple[tuple[str, str], ...], reason: str) -> Erasure:
    """Write the tombstones and remember whom this is about until it is done, in one transaction.

    Args:
        keys: identity keys of the company's records, by which open registers would bring it back.
    """
    stones = Tombstones.of(lineage)
    at = datetime.now(UTC)
    erasure = Erasure(f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}", at.isoformat(timespec="seconds"), reason, subject)
    facts = [(RESPONSE, f"{wave}:{response}") for _, wave, response in subject.responses]
    facts += [(NAME, normalised_name(name)) for name in subject.names if normalised_name(name)]
    sealed = cipher(lineage).encrypt(subject.text().encode())
    with Vault(lineage).connection() as connection:
        facts += [(TEXT, text_hash) for text_hash in written_by(connection, subject.ids)]
        digests = {stones.digest(kind, value) for kind, value in (*facts, *keys)}
        connection.executemany("DELETE FROM text_author WHERE company_id = ?", [(i,) for i in subject.ids])
        rows = [(digest, erasure.erasure_id) for digest in sorted(digests)]
        connection.executemany("INSERT OR IGNORE INTO erased VALUES (?, ?)", rows)
        event = (erasure.erasure_id, erasure.begun_at, None, reason, sealed)
        connection.execute("INSERT INTO erasure_event VALUES (?, ?, ?, ?, ?)", event)
    return erasure


def unfinished(lineage: Lineage) -> list[Erasure]:
    """Erasures that were stopped in the middle; each has to be ended before anything else is built."""
    with Vault(lineage).connection() as connection:
        rows = connection.execute(
            "SELECT erasure_id, begun_at, reason, sealed FROM erasure_event WHERE ended_at IS NULL ORDER BY 1"
        ).fetchall()
    lock = cipher(lineage)
    return [Erasure(i, at, reason, Subject.of_text(lock.decrypt(sealed).decode())) for i, at, reason, sealed in rows]


def forget(lineage: Lineage, erasure: Erasure) -> dict[str, int]:
    """Remove every row about the company from the vault and the works' own tables; rows removed by table."""
    subject = erasure.subject
    removed = {"vault.published": disclosure_memory.forget_company(lineage, subject.ids, erasure.erasure_id)}
    with Vault(lineage).connection() as connection:
        for table in ("text_author", "consent_event", "identity_key", "company"):
            done = connection.executemany(f"DELETE FROM {table} WHERE company_id = ?", [(i,) for i in subject.ids])
            removed[f"vault.{table}"] = max(done.rowcount, 0)
        removed["vault.company_decision"] = forget_decisions(connection, subject.ids)
        for table in ("contact", "respondent_key"):
            rows = [(wave, response) for _, wave, response in subject.responses]
            done = connection.executemany(f"DELETE FROM {table} WHERE wave_id = ? AND response_id = ?", rows)
            removed[f"vault.{table}"] = max(done.rowcount, 0)
    forget_prepared(lineage)
    ids = list(subject.ids)
    for table, columns in IDENTITY_TABLES.items():
        frame = read_system_table(lineage.lake, "identity", table)
        kept = frame.filter(~pl.any_horizontal(pl.col(c).is_in(ids) for c in columns))
        removed[f"identity.{table}"] = frame.height - kept.height
        write_system_table(lineage.lake, "identity", table, kept)
    for path in sorted((lineage.vault / "consent_at").glob("*.parquet")):
        frame = pl.read_parquet(path)
        write_parquet(frame.filter(~pl.col("company_id").is_in(ids)), path)
    return removed


def forget_decisions(connection: sqlite3.Connection, ids: tuple[str, ...]) -> int:
    """Remove every decision on one of these ids, with its evidence; how many."""
    both = [(i, i) for i in ids]
    done = connection.executemany("DELETE FROM company_decision WHERE left_company = ? OR right_company = ?", both)
    return max(done.rowcount, 0)


def end(lineage: Lineage, erasure: Erasure) -> None:
    """The company is gone: forget whom it was about, and leave no freed page of the vault behind."""
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    vault = Vault(lineage)
    with vault.connection() as connection:
        connection.execute(
            "UPDATE erasure_event SET ended_at = ?, sealed = NULL WHERE erasure_id = ?", (ended, erasure.erasure_id)
        )
    connection = sqlite3.connect(vault.path)
    try:
        connection.execute("VACUUM")
    finally:
        connection.close()
