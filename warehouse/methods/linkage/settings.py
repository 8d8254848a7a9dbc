"""The settings of linkage as a frozen value, and their check.

Belongs here: names of comparisons and levels, and reading a mapping (as YAML gives it) into `LinkageSettings`. Does not:
opening a file, or the words and numbers themselves, which live in a region's `linkage.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warehouse.errors import SettingsError

# Levels of each comparison from weakest to strongest. "missing" (a side says nothing) is not listed and weighs nothing.
LEVELS: dict[str, tuple[str, ...]] = {
    "name": ("different", "partly", "similar", "close", "same_words", "exact"),
    "form": ("different", "related", "same"),
    "extra": ("different", "one_sided", "none", "same"),
    "place": ("different", "postcode_2", "postcode_3", "town", "postcode", "postcode_town"),
    "street": ("different", "similar", "street", "street_number"),
    "register": ("different", "number", "same"),
    "lei": ("different", "same"),
    "vat": ("different", "same"),
}
MISSING = 255
KEYS = (
    "method_version", "legal_forms", "glued_forms", "related_forms", "roles", "words", "fillers", "key_rows_max",
    "candidates_per_record", "limits", "match_share", "assumption_weight", "same_company",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Zones: probability from which a match is automatic or reviewed; a rival within so many bits makes it ambiguous."""

    automatic: float = 0.95
    review: float = 0.50
    ambiguity_bits: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.review <= self.automatic < 1 or self.ambiguity_bits < 0:
            raise SettingsError(
                f"they are review {self.review}, automatic {self.automatic}, ambiguity {self.ambiguity_bits} bits",
                where="limits of linkage",
                expected="0 < review <= automatic < 1 and no negative bits",
            )


@dataclass(frozen=True)
class LinkageSettings:
    """One version of the words, limits and assumptions of linkage."""

    legal_forms: Mapping[str, tuple[str, ...]]
    glued_forms: Mapping[str, str]
    related_forms: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    words: Mapping[str, str]
    fillers: tuple[str, ...]
    key_rows_max: int
    candidates_per_record: int
    limits: Limits
    match_share: float
    assumption_weight: float
    same_company: Mapping[str, Mapping[str, float]]
    method_version: str

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> LinkageSettings:
        """Read plain dicts, lists and numbers; refuse missing, unknown and senseless keys."""
        missing, unknown = sorted(set(KEYS) - set(mapping)), sorted(set(mapping) - set(KEYS))
        if missing or unknown:
            raise SettingsError(
                f"missing: {missing}, unknown: {unknown}", where="linkage.yml", expected=", ".join(KEYS)
            )
        made = cls(
            legal_forms={code: tuple(map(str, spelt)) for code, spelt in mapping["legal_forms"].items()},
            glued_forms=dict(mapping["glued_forms"]),
            related_forms=tuple((str(a), str(b)) for a, b in mapping["related_forms"]),
            roles=tuple(map(str, mapping["roles"])),
            words={str(k): str(v) for k, v in mapping["words"].items()},
            fillers=tuple(map(str, mapping["fillers"])),
            key_rows_max=int(mapping["key_rows_max"]),
            candidates_per_record=int(mapping["candidates_per_record"]),
            limits=Limits(**mapping["limits"]),
            match_share=float(mapping["match_share"]),
            assumption_weight=float(mapping["assumption_weight"]),
            same_company=mapping["same_company"],
            method_version=str(mapping["method_version"]),
        )
        made._check()
        return made

    def _check(self) -> None:
        if not (0 < self.match_share < 1 and self.assumption_weight > 0):
            raise SettingsError(
                f"match_share {self.match_share}, assumption_weight {self.assumption_weight}",
                where="linkage.yml",
                expected="a share between 0 and 1, a positive weight",
            )
        if self.key_rows_max < 1 or self.candidates_per_record < 2:
            raise SettingsError(
                "too few rows to compare", where="linkage.yml", expected="key_rows_max >= 1, candidates_per_record >= 2"
            )
        for comparison, levels in LEVELS.items():
            given = self.same_company.get(comparison, {})
            if set(given) != set(levels) or min(given.values()) <= 0 or abs(sum(given.values()) - 1) > 1e-6:
                raise SettingsError(
                    f"it is {dict(given)}",
                    where=f"linkage.yml, same_company.{comparison}",
                    expected=f"a positive share for each of {', '.join(levels)}, 1 together",
                )

    @property
    def form_codes(self) -> tuple[str, ...]:
        """Codes of legal forms; a prepared record holds the position plus one, 0 where no form is named."""
        return tuple(self.legal_forms)
