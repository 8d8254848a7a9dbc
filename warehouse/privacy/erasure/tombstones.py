"""What stays known of the erased: keyed hashes, so that what comes again is recognised and not kept.

A survey tool or a sender may deliver an erased response again, a buyer may name an erased supplier, and an open register
names the company for ever. None of it may bring the company back. The hashes say nothing without the vault's own secret.

Belongs here: writing and recognising them. Does not belong here: what is done with what is recognised.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property

from warehouse.paths import Lineage
from warehouse.privacy.keys import cipher
from warehouse.privacy.pseudonyms import normalised_name
from warehouse.privacy.vault import Vault

SECRET, SECRET_BYTES = "erased", 32
RESPONSE, NAME = "response", "name"


@dataclass(frozen=True)
class Tombstones:
    """The hashes of one profile. ``digests`` were read when this was made."""

    secret: bytes
    digests: frozenset[str]

    @classmethod
    def of(cls, lineage: Lineage) -> Tombstones:
        """What the vault holds now."""
        with Vault(lineage).connection() as connection:
            rows = connection.execute("SELECT digest FROM erased").fetchall()
        return cls(_secret(lineage), frozenset(digest for (digest,) in rows))

    @property
    def is_empty(self) -> bool:
        return not self.digests

    def digest(self, kind: str, value: str) -> str:
        """Keyed hash of one fact; ``kind`` keeps facts of different sorts apart."""
        return hmac.new(self.secret, f"{kind}\x1f{value}".encode(), hashlib.sha256).hexdigest()

    def has_response(self, wave: str, response: str) -> bool:
        """Whether this response was erased."""
        return self.digest(RESPONSE, f"{wave}:{response}") in self.digests

    def has_name(self, text: str) -> bool:
        """Whether a text is the name of an erased company, however it is spelt."""
        if text not in self._seen:
            name = normalised_name(text)
            self._seen[text] = bool(name) and self.digest(NAME, name) in self.digests
        return self._seen[text]

    def has_key(self, kind: str, value: str) -> bool:
        """Whether an identity key (register number, LEI, name and place) is that of an erased company."""
        return self.digest(kind, value) in self.digests

    @cached_property
    def _seen(self) -> dict[str, bool]:
        return {}


def _secret(lineage: Lineage) -> bytes:
    """The vault's secret for these hashes, made once and kept encrypted: another master key does not change it."""
    with Vault(lineage).connection() as connection:
        row = connection.execute("SELECT sealed FROM secret WHERE name = ?", (SECRET,)).fetchone()
        if row:
            return cipher(lineage).decrypt(row[0])
        made = secrets.token_bytes(SECRET_BYTES)
        connection.execute("INSERT INTO secret VALUES (?, ?)", (SECRET, cipher(lineage).encrypt(made)))
        return made
