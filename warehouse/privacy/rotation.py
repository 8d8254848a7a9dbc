"""Another key for a profile: what the old one closed is closed by the new one, and no company gets another id.

In four steps, each of which may be killed and called again: the new key lies beside the old one and opens; every identity
is known under both; the new key is in force; everything is closed and signed anew, and the old key is forgotten.

Belongs here: that order. Does not belong here: what a key is for (``keys``).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse.certificate import Certificate, write_certificate
from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy import sealed
from warehouse.privacy.keys import (
    CURRENT,
    KEY_BYTES,
    NEXT,
    OLD,
    cipher,
    is_signed,
    lookup,
    lookup_by,
    master_key,
    read_keys,
    signature,
    write_keys,
)
from warehouse.privacy.pseudonyms import Record
from warehouse.privacy.vault import Vault
from warehouse.release import CERTIFICATE
from warehouse.steps import step

# Encrypted columns of the vault.
SEALED = (
    ("respondent_key", "sealed"), ("secret", "sealed"), ("erasure_event", "sealed"), ("company_decision", "sealed"),
)  # fmt: skip


@dataclass(frozen=True)
class Rotation:
    """What a change of key did. ``unknown`` identities belong to records of no delivery any more; they are forgotten."""

    files: int
    certificates: int
    identities: int
    unknown: int


def rotate(lineage: Lineage, records: Iterable[Record]) -> Rotation:
    """Change the profile's key, or end a change that was stopped.

    Args:
        records: every record of every delivery that ever landed; only from them can identities be hashed anew.
    """
    master_key(lineage)
    roles = dict(read_keys(lineage))
    if OLD not in roles:
        new = roles.get(NEXT) or secrets.token_bytes(KEY_BYTES)
        write_keys(lineage, [(CURRENT, roles[CURRENT]), (NEXT, new)])
        step("vault", "next_key", "a new key lies beside the old one")
        _know_under(lineage, new, records)
        step("vault", "rehashed", "every identity is known under both keys")
        write_keys(lineage, [(CURRENT, new), (OLD, roles[CURRENT])])
        step("vault", "new_key", "the new key is in force")
    files = sum(1 for _ in _closed_anew(lineage))
    _reseal_vault(lineage)
    certificates = _sign_anew(lineage)
    identities, unknown = _forget_old_hashes(lineage, records)
    write_keys(lineage, read_keys(lineage)[:1])
    step(
        "vault", "rotated", f"{files} files closed and {certificates} certificates signed anew; {identities} identities"
    )
    return Rotation(files, certificates, identities, unknown)


def _know_under(lineage: Lineage, new: bytes, records: Iterable[Record]) -> None:
    with Vault(lineage).connection() as connection:
        for kind, value in {key for record in records for key in record.keys}:
            connection.execute(
                "INSERT OR IGNORE INTO identity_key SELECT ?, key_type, company_id FROM identity_key WHERE lookup = ?",
                (lookup_by(new, kind, value), lookup(lineage, kind, value)),
            )


def _closed_anew(lineage: Lineage) -> Iterator[Path]:
    lock = cipher(lineage)
    kept = [*lineage.vault.rglob("*.enc"), *lineage.fetched.rglob(f"*{sealed.SUFFIX}")]
    for path in kept:
        partial = path.with_name(f".{path.name}.part")
        sealed.write_private(partial, lock.rotate(path.read_bytes()))
        os.replace(partial, path)
        yield path


def _reseal_vault(lineage: Lineage) -> None:
    lock = cipher(lineage)
    with Vault(lineage).connection() as connection:
        for table, column in SEALED:
            rows = connection.execute(f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            changed = [(lock.rotate(content), number) for number, content in rows]
            connection.executemany(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", changed)


def _sign_anew(lineage: Lineage) -> int:
    """Certificates of releases and candidates, and proofs of erasures; what bears no signature of ours is left alone."""
    count = 0
    for path in lineage.releases.rglob(CERTIFICATE):
        raw = json.loads(path.read_text(encoding="utf-8"))
        certificate = Certificate(**raw["certificate"])
        if is_signed(lineage, certificate.text(), str(raw["signature"])):
            write_certificate(lineage, path.parent, certificate)
            count += 1
    for path in (lineage.vault / "erasures").glob("*.json"):
        raw = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(raw["proof"], ensure_ascii=False, indent=1)
        if is_signed(lineage, text, str(raw["signature"])):
            signed = {"proof": raw["proof"], "signature": signature(lineage, text)}
            write_text_atomically(path, json.dumps(signed, ensure_ascii=False, indent=1) + "\n", 0o600)
    return count


def _forget_old_hashes(lineage: Lineage, records: Iterable[Record]) -> tuple[int, int]:
    """Keep what the new key finds; identities kept, and those that are known under the old key alone."""
    known = {lookup(lineage, kind, value) for kind, value in {key for record in records for key in record.keys}}
    vault = Vault(lineage)
    with vault.connection() as connection:
        rows = connection.execute("SELECT lookup FROM identity_key").fetchall()
        gone = [(digest,) for (digest,) in rows if digest not in known]
        connection.executemany("DELETE FROM identity_key WHERE lookup = ?", gone)
    connection = sqlite3.connect(vault.path)
    try:
        connection.execute("VACUUM")
    finally:
        connection.close()
    kept = len(rows) - len(gone)
    return kept, max(len(gone) - kept, 0)
