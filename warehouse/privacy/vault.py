"""The vault: what only two named people may read. Contacts, consent events, the map of identities, raw deliveries.

Belongs here: one SQLite file (transactions survive a kill) and the encrypted deliveries beside it. Personal fields are
encrypted. Does not belong here: deciding which records are one company (``pseudonyms``) or which consent is in force
(``consent``).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher, master_key

SECRET_BYTES = 32
SCHEMA = """
CREATE TABLE IF NOT EXISTS company (company_id TEXT PRIMARY KEY, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS identity_key (
    lookup TEXT PRIMARY KEY, key_type TEXT NOT NULL, company_id TEXT NOT NULL REFERENCES company(company_id)
);
CREATE TABLE IF NOT EXISTS contact (
    snapshot_id TEXT NOT NULL, wave_id TEXT NOT NULL, response_id TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (snapshot_id, response_id)
);
CREATE TABLE IF NOT EXISTS consent_event (
    event_id TEXT PRIMARY KEY, company_id TEXT NOT NULL, purpose_code TEXT NOT NULL, is_granted INTEGER NOT NULL,
    text_version TEXT, occurred_at TEXT NOT NULL, channel TEXT
);
CREATE TABLE IF NOT EXISTS respondent_key (
    wave_id TEXT NOT NULL, response_id TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (wave_id, response_id)
);
CREATE TABLE IF NOT EXISTS company_decision (
    decision_id TEXT PRIMARY KEY, action TEXT NOT NULL, left_company TEXT NOT NULL, right_company TEXT NOT NULL,
    method TEXT NOT NULL, decided_by TEXT NOT NULL, decided_on TEXT NOT NULL, probability REAL, method_version TEXT,
    effective_on TEXT, sealed BLOB NOT NULL, written_at TEXT NOT NULL, reversed_at TEXT, reversed_by TEXT,
    reversed_because TEXT
);
CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS text_author (
    text_hash TEXT NOT NULL, company_id TEXT NOT NULL, PRIMARY KEY (text_hash, company_id)
);
CREATE TABLE IF NOT EXISTS erased (digest TEXT PRIMARY KEY, erasure_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS erasure_event (
    erasure_id TEXT PRIMARY KEY, begun_at TEXT NOT NULL, ended_at TEXT, reason TEXT NOT NULL, sealed BLOB
);
"""


@dataclass(frozen=True)
class Vault:
    """One profile's vault."""

    lineage: Lineage

    @property
    def path(self) -> Path:
        return self.lineage.vault / "vault.sqlite"

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        master_key(
            self.lineage
        )  # the key exists before the vault does: a vault without its key is then known to be lost
        self.lineage.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            connection.executescript(SCHEMA)
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            with connection:
                yield connection
        finally:
            connection.close()

    def secret(self, name: str) -> bytes:
        """A secret for hashes of one kind, made once and kept encrypted: another master key does not change it."""
        with self.connection() as connection:
            row = connection.execute("SELECT sealed FROM secret WHERE name = ?", (name,)).fetchone()
            if row:
                return cipher(self.lineage).decrypt(row[0])
            made = secrets.token_bytes(SECRET_BYTES)
            connection.execute("INSERT INTO secret VALUES (?, ?)", (name, cipher(self.lineage).encrypt(made)))
            return made

    def store_delivery(self, snapshot_id: str, content: bytes) -> None:
        """Keep a confidential delivery encrypted. The file in the inbox stays the sender's to remove."""
        folder = self.lineage.vault / "deliveries"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = folder / f"{snapshot_id}.enc"
        partial = target.with_suffix(".part")
        partial.write_bytes(cipher(self.lineage).encrypt(content))
        os.replace(partial, target)

    def read_delivery(self, snapshot_id: str) -> bytes:
        """The bytes of a confidential delivery as they came."""
        return cipher(self.lineage).decrypt((self.lineage.vault / "deliveries" / f"{snapshot_id}.enc").read_bytes())

    def forget_delivery(self, snapshot_id: str) -> None:
        """Let go of a delivery's bytes."""
        (self.lineage.vault / "deliveries" / f"{snapshot_id}.enc").unlink(missing_ok=True)

    def store_contacts(self, snapshot_id: str, contacts: Iterable[dict[str, Any]]) -> None:
        """Keep contact persons, each under a key of its own: without the key nothing of a person can be read."""
        with self.connection() as connection:
            for contact in contacts:
                own = self._respondent_key(connection, contact["wave_id"], contact["response_id"])
                sealed = own.encrypt(json.dumps(contact["fields"]).encode())
                row = (snapshot_id, contact["wave_id"], contact["response_id"], sealed)
                connection.execute("INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?)", row)

    def _respondent_key(self, connection: sqlite3.Connection, wave: str, response: str) -> Fernet:
        """A response's own key, made when it is first needed; the profile's key encrypts it."""
        where = (wave, response)
        row = connection.execute(
            "SELECT sealed FROM respondent_key WHERE wave_id = ? AND response_id = ?", where
        ).fetchone()
        lock = cipher(self.lineage)
        key = lock.decrypt(row[0]) if row else Fernet.generate_key()
        if row is None:
            connection.execute("INSERT INTO respondent_key VALUES (?, ?, ?)", (*where, lock.encrypt(key)))
        return Fernet(key)

    def contacts(self) -> list[dict[str, Any]]:
        """All contact persons, decrypted; for the two named people only. One whose key was deleted cannot be read."""
        lock = cipher(self.lineage)
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT wave_id, response_id, contact.sealed, respondent_key.sealed FROM contact "
                "JOIN respondent_key USING (wave_id, response_id) ORDER BY 1, 2"
            ).fetchall()
        return [
            {"wave_id": wave, "response_id": response, **json.loads(Fernet(lock.decrypt(key)).decrypt(sealed))}
            for wave, response, sealed, key in rows
        ]
