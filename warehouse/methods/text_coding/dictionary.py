"""The dictionary in memory: aliases by their stems, words by their role, products by form and material.

Belongs here: turning the rows of ``regions/<region>/text/`` into what can be looked up, and refusing rows that
contradict each other. Does not belong here: reading the files, or weighing (``evidence``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from warehouse.methods.text_coding.compound import Splitter
from warehouse.methods.text_coding.normal import fold, stem

Row = Mapping[str, str]
HS, COMPETENCE, KLDB = "HS", "COMPETENCE", "KLDB"
FORM, AMBIGUOUS, NONE = "FORM", "AMBIGUOUS", "NONE"
CLASSIFICATIONS = (HS, COMPETENCE, KLDB)
CONCEPTS = ("product", "occupation")


@dataclass(frozen=True)
class Entry:
    """One row of the aliases: these stems mean this code, for companies of these industries (all where empty)."""

    alias: str
    stems: tuple[str, ...]
    any_modifier: bool
    classification: str
    code: str
    wz: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A term of an official classification or of the dictionary, for the search by similarity."""

    classification: str
    code: str
    text: str
    kind: str


@dataclass
class Dictionary:
    """Everything ``evidence`` looks up.

    Attributes:
        entries: by kind (product, occupation) and stems.
        roles: stem -> role, for example 'neutral' or 'material:steel'.
        forms: (form, material) -> HS code; material '' is what holds when none is named.
        material_of_wz: prefix of a WZ 2008 code -> material its companies work in unless they say otherwise.
        names: (classification, code) -> official German name.
        parts: (stem of a word for a part, competence) -> form of a part made by that process, '' where it has none.
    """

    splitter: Splitter
    entries: dict[str, dict[tuple[str, ...], list[Entry]]]
    roles: dict[str, str]
    forms: dict[tuple[str, str], str]
    material_of_wz: dict[str, str]
    chapters: dict[str, tuple[str, ...]]
    names: dict[tuple[str, str], str]
    editions: dict[str, str]
    labels: list[Label] = field(default_factory=list)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def build(
        cls, aliases: Iterable[Row], words: Iterable[Row], forms: Iterable[Row], materials: Iterable[Row],
        labels: Iterable[Row], process_parts: Iterable[Row] = (),
    ) -> Dictionary:  # fmt: skip
        """From the rows of the files of the same names, which say their columns."""
        aliases, words, forms, materials, labels = (list(rows) for rows in (aliases, words, forms, materials, labels))
        process_parts = list(process_parts)
        known = [row["alias"].lstrip("*") for row in aliases] + [row["word"] for row in words]
        known += [row["part_word"] for row in process_parts]
        splitter = Splitter(known)
        entries: dict[str, dict[tuple[str, ...], list[Entry]]] = {kind: {} for kind in CONCEPTS}
        found: list[Label] = []
        for row in aliases:
            entry = _entry(row, splitter)
            kinds = CONCEPTS if entry.classification in (AMBIGUOUS, NONE) else ()
            kinds = (row["kind"],) if row.get("kind") else kinds or ("product",)
            for kind in kinds:
                entries[kind].setdefault(entry.stems, []).append(entry)
            if entry.classification in CLASSIFICATIONS:
                found.append(Label(entry.classification, entry.code, entry.alias, kinds[0]))
        names = {(row["classification_code"], row["code"]): row["label_de"] for row in labels}
        editions = {row["classification_code"]: row["edition"] for row in labels}
        for row in labels:
            kind = "occupation" if row["classification_code"] == KLDB else "product"
            found.extend(
                Label(row["classification_code"], row["code"], phrase, kind) for phrase in phrases(row["label_de"])
            )
        return cls(
            splitter=splitter,
            entries=entries,
            roles={stem(fold(row["word"])): row["role"] for row in words},
            forms={(row["form"], row["material"]): row["code"] for row in forms},
            material_of_wz={row["wz_prefix"]: row["material"] for row in materials if row["wz_prefix"]},
            chapters={row["material"]: tuple(row["hs_chapters"].split()) for row in materials if row["hs_chapters"]},
            names=names,
            editions=editions,
            labels=found,
            parts={(stem(fold(row["part_word"])), row["competence_id"]): row["form"] for row in process_parts},
        )

    def material_by_industry(self, wz: str) -> str:
        """What a company of an industry works in, by the longest prefix of its code; '' where that is open."""
        best = max((p for p in self.material_of_wz if wz.startswith(p)), key=len, default=None)
        return self.material_of_wz[best] if wz and best else ""


def _entry(row: Row, splitter: Splitter) -> Entry:
    alias = row["alias"]
    stems = tuple(part for word in alias.lstrip("*").split() for part in splitter.parts(word))
    return Entry(
        alias=alias.lstrip("*"),
        stems=stems,
        any_modifier=alias.startswith("*"),
        classification=row["classification_code"],
        code=row["code"],
        wz=tuple((row.get("wz2008_prefixes") or "").split()),
    )


def phrases(label: str) -> list[str]:
    """The things an official label names one after the other: 'Schrauben, Bolzen und Muttern' names three."""
    text = label.replace(";", ",").replace(" und ", ",").replace(" sowie ", ",").replace(" oder ", ",")
    return [phrase.strip() for phrase in text.split(",") if phrase.strip()]
