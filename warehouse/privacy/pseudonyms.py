"""Company ids: random, durable, and found again by keyed hashes of identity keys.

Belongs here: which records are the same company by exact keys (register number and court, LEI, normalised name and
place), and handing out ids. Does not belong here: probable matches, which need a decision, or any analysis.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.paths import Lineage
from warehouse.privacy.keys import lookup
from warehouse.privacy.vault import Vault

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ID_LENGTH = 10
LEGAL_FORMS = (
    r"\b(gesellschaft mit beschraenkter haftung|gmbh|mbh|ag|kgaa|kg|ohg|ug|haftungsbeschraenkt|e ?k|e ?kfm|se|eg|gbr|"
    r"co|cie|und|inh)\b"
)


@dataclass(frozen=True)
class Facts:
    """What a record says of who the company is, as it was written; None where it says nothing."""

    name: str | None = None
    postcode: str | None = None
    town: str | None = None
    street: str | None = None
    court_code: str | None = None
    register_type: str | None = None
    register_number: str | None = None
    lei: str | None = None


@dataclass(frozen=True)
class Record:
    """One record that speaks of a company, with its identity keys from strongest to weakest."""

    source_id: str
    record_id: str
    keys: tuple[tuple[str, str], ...]
    facts: Facts = Facts()


@dataclass(frozen=True)
class Assignment:
    """A record's company, and by which key it was found; ``conflict`` when keys point to different companies."""

    record: Record
    company_id: str
    key_type: str
    conflict: bool


def normalised_name(name: str) -> str:
    """Name for exact comparison: folded umlauts, lower case, no legal form, no punctuation."""
    text = unicodedata.normalize("NFC", name).lower()
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(umlaut, plain)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^a-z0-9]+", " ", text)
    return " ".join(re.sub(LEGAL_FORMS, " ", text).split())


def normalised_register(court: str | None, kind: str | None, number: str | None) -> str | None:
    """``R1234.HRB567`` or None where a part is missing; blanks and leading zeros do not matter."""
    if not (court and kind and number):
        return None
    match = re.fullmatch(r"(?:HRA|HRB|GnR|GsR|PR|VR|B|A)?\s*0*(\d{1,6})\s*([A-Z]{0,3})", number.strip())
    if not match:
        return None
    return f"{court.strip().upper()}.{kind.strip().upper()}{match[1]}{match[2]}"


def new_company_id() -> str:
    """``C-`` and ten random base32 characters; says nothing about the company."""
    return "C-" + "".join(secrets.choice(BASE32) for _ in range(ID_LENGTH))


def assign(lineage: Lineage, records: Iterable[Record]) -> list[Assignment]:
    """Give every record its company id, in one transaction of the vault.

    The strongest known key decides; a weaker key that already belongs to another company is left there and reported
    as a conflict, because two companies are never merged without a decision.
    """
    with Vault(lineage).connection() as connection:
        return [_assign_one(lineage, connection, record) for record in records]


def _assign_one(lineage: Lineage, connection: sqlite3.Connection, record: Record) -> Assignment:
    hashed = [(kind, lookup(lineage, kind, value)) for kind, value in record.keys]
    known: list[tuple[str, str]] = []
    for kind, digest in hashed:
        row = connection.execute("SELECT company_id FROM identity_key WHERE lookup = ?", (digest,)).fetchone()
        if row:
            known.append((kind, row[0]))
    strongest = record.keys[0][0]
    if known and (known[0][0] == strongest or not _has_other(connection, known[0][1], strongest)):
        key_type, company_id = known[0]
    else:
        key_type, company_id = "new", new_company_id()
        connection.execute("INSERT INTO company (company_id) VALUES (?)", (company_id,))
    for kind, digest in hashed:
        connection.execute("INSERT OR IGNORE INTO identity_key VALUES (?, ?, ?)", (digest, kind, company_id))
    return Assignment(record, company_id, key_type, any(other != company_id for _, other in known))


def _has_other(connection: sqlite3.Connection, company_id: str, key_type: str) -> bool:
    """Whether a company found by a weak key already has another strong key: then it is another company."""
    if key_type == "name_place":
        return False
    row = connection.execute(
        "SELECT 1 FROM identity_key WHERE company_id = ? AND key_type = ? LIMIT 1", (company_id, key_type)
    ).fetchone()
    return row is not None
