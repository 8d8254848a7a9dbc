"""The vault: what only two named people may read. Contacts, consent events, the map of identities, raw deliveries.

Belongs here: one SQLite file (transactions survive a kill) and the encrypted deliveries beside it. Personal fields are
encrypted. Does not belong here: deciding which records are one company (``pseudonyms``) or which consent is in force
(``consent``).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher, master_key

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
            with connection:
                yield connection
        finally:
            connection.close()

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

    def store_contacts(self, snapshot_id: str, contacts: Iterable[dict[str, Any]]) -> None:
        """Keep contact persons; every personal field is encrypted."""
        lock = cipher(self.lineage)
        rows = [
            (snapshot_id, c["wave_id"], c["response_id"], lock.encrypt(json.dumps(c["fields"]).encode()))
            for c in contacts
        ]
        with self.connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO contact VALUES (?, ?, ?, ?)", rows)

    def contacts(self) -> list[dict[str, Any]]:
        """All contact persons, decrypted; for the two named people only."""
        lock = cipher(self.lineage)
        with self.connection() as connection:
            rows = connection.execute("SELECT wave_id, response_id, sealed FROM contact ORDER BY 1, 2").fetchall()
        return [{"wave_id": w, "response_id": r, **json.loads(lock.decrypt(sealed))} for w, r, sealed in rows]
