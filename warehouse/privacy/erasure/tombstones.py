"""What stays known of the erased: keyed hashes, so that what comes again is recognised and not kept.

A survey tool or a sender may deliver an erased response again, a buyer may name an erased supplier, and an open register
names the company for ever. None of it may bring the company back. The hashes say nothing without the vault's own secret.

Belongs here: writing and recognising them. Does not belong here: what is done with what is recognised.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property

from warehouse.paths import Lineage
from warehouse.privacy.pseudonyms import normalised_name
from warehouse.privacy.vault import Vault

SECRET = "erased"
RESPONSE, NAME, TEXT = "response", "name", "text"


@dataclass(frozen=True)
class Tombstones:
    """The hashes of one profile, and of the texts that somebody still wrote; both were read when this was made."""

    secret: bytes
    digests: frozenset[str]
    written: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lineage: Lineage) -> Tombstones:
        """What the vault holds now."""
        with Vault(lineage).connection() as connection:
            rows = connection.execute("SELECT digest FROM erased").fetchall()
            texts = connection.execute("SELECT DISTINCT text_hash FROM text_author").fetchall()
        digests, written = (frozenset(found for (found,) in given) for given in (rows, texts))
        return cls(Vault(lineage).secret(SECRET), digests, written)

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

    def has_text(self, text_hash: str) -> bool:
        """Whether only the erased wrote a text; once somebody else writes it, it is theirs."""
        return text_hash not in self.written and self.digest(TEXT, text_hash) in self.digests

    def has_key(self, kind: str, value: str) -> bool:
        """Whether an identity key (register number, LEI, name and place) is that of an erased company."""
        return self.digest(kind, value) in self.digests

    @cached_property
    def _seen(self) -> dict[str, bool]:
        return {}
