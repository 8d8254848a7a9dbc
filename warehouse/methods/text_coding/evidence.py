"""What speaks for a code: entries of the dictionary found in one named thing, and what makes them doubtful.

Belongs here: finding the word that carries the meaning, materials, context, and the weight of each doubt (numbers come
from ``text/scoring.yml``). Does not belong here: limits and statuses (``coder``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from warehouse.methods.text_coding.compound import UNKNOWN
from warehouse.methods.text_coding.dictionary import (
    AMBIGUOUS,
    COMPETENCE,
    FORM,
    HS,
    KLDB,
    NONE,
    Dictionary,
    Entry,
)
from warehouse.methods.text_coding.normal import words

PROCESS_PART = "process_part"
METALS_AND_PLASTICS = ("39", "40", "72", "73", "74", "75", "76", "78", "79", "80", "81")
SERVICE, BLOCK, TRANSPARENT, NEUTRAL, STOP, PREPOSITION, FROM = (
    "service", "block", "transparent", "neutral", "stop", "preposition", "from"
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One stem of a text: its word's number, whether the word ends with it, its role, and whether it was corrected."""

    stem: str
    word: int
    ends_word: bool
    role: str
    is_noun: bool


@dataclass(frozen=True)
class Match:
    """An alias found at parts ``start`` to ``end`` (exclusive)."""

    start: int
    end: int
    entries: tuple[Entry, ...]
    method: str


@dataclass
class Found:
    """A code with its score before limits, and by which method it was found."""

    classification: str
    code: str
    score: float
    method: str


@dataclass
class Evidence:
    """What the dictionary knows about one named thing."""

    found: list[Found] = field(default_factory=list)
    is_known: bool = False
    is_nothing: bool = False


def examine(
    thing: str, in_brackets: str, kind: str, wz: str, dictionary: Dictionary, weight: Mapping[str, float]
) -> Evidence:
    """Look one named thing up.

    Args:
        kind: 'product' or 'occupation'; which entries may be used.
        wz: the company's WZ 2008 code, '' where unknown.
        weight: the factor of each doubt, see ``text/scoring.yml``.
    """
    parts, slips = _parts(thing, dictionary)
    head, tail = _clauses(parts, dictionary)
    match = _carrier(head, kind, dictionary) if head else None
    doubt = weight["alias"]
    if match is None:
        match, doubt = _carrier(tail, kind, dictionary), doubt * weight["only_after_preposition"]
        head, tail = tail, head
        if match is None:
            return Evidence()
    evidence = Evidence(is_known=True)
    method = "fuzzy" if slips else match.method
    doubt *= weight[match.method] if match.method == PROCESS_PART else 1.0
    doubt *= weight["slip"] ** slips * _doubt_of_rest(head, match, weight)
    if _has(parts, BLOCK, match, head):
        doubt *= weight["blocking_word"]
    is_service = any(p.role == SERVICE for p in parts)
    brackets, _ = _parts(in_brackets, dictionary)
    named = _materials(head, match) | _materials_after_from(parts) | {
        p.role.partition(":")[2] for p in brackets if p.role.startswith("material:")
    }  # fmt: skip
    chosen, context = _in_context(match.entries, wz, weight)
    for entry in chosen:
        if entry.classification == NONE:
            return Evidence(is_known=True, is_nothing=True)
        if entry.classification == AMBIGUOUS:
            continue
        if entry.classification in (COMPETENCE, KLDB):
            evidence.found.append(Found(entry.classification, entry.code, doubt * context, method))
        elif not is_service:
            code, factor = _product_code(entry, named, wz, dictionary, weight)
            if code:
                evidence.found.append(Found(HS, code, doubt * context * factor, method))
    return evidence


def _parts(text: str, dictionary: Dictionary) -> tuple[list[Part], int]:
    """Stems of a text with their roles; numbers, sizes and standards are left out."""
    splitter, roles = dictionary.splitter, dictionary.roles
    found: list[Part] = []
    slips = 0
    for number, word in enumerate(words(text)):
        stems = splitter.parts(word)
        if not splitter.is_known(stems):
            if any(c.isdigit() for c in word):
                continue
            if fixed := splitter.corrected(word):
                stems, slips = splitter.split(fixed), slips + 1
        for at, stem in enumerate(stems):
            role = "unknown" if stem.startswith(UNKNOWN) else roles.get(stem, "")
            found.append(Part(stem, number, at == len(stems) - 1, role, word[:1].isupper()))
    return found, slips


def _clauses(parts: list[Part], dictionary: Dictionary) -> tuple[list[Part], list[Part]]:
    """What stands before the first preposition, and what after. 'Herstellung von Federn' is about 'Federn'."""
    is_preposition = [p.role in (PREPOSITION, FROM) and _is_whole(parts, i) for i, p in enumerate(parts)]
    while True:
        first = next((i for i, yes in enumerate(is_preposition) if yes), len(parts))
        before = parts[:first]
        if first < len(parts) and all(p.role in (TRANSPARENT, NEUTRAL, STOP, SERVICE) for p in before):
            parts, is_preposition = parts[first + 1 :], is_preposition[first + 1 :]
            continue
        return [p for p in before if p.role != STOP], [p for p in parts[first + 1 :] if p.role != STOP]


def _is_whole(parts: list[Part], at: int) -> bool:
    """Whether a part is a word of its own and no part of a compound."""
    number = parts[at].word
    return sum(1 for p in parts if p.word == number) == 1


def _carrier(parts: list[Part], kind: str, dictionary: Dictionary) -> Match | None:
    """The entry that carries the meaning: the last word that has one, and of its entries the longest."""
    entries = dictionary.entries[kind]
    longest = max((len(stems) for stems in entries), default=0)
    for end in range(len(parts), 0, -1):
        if not parts[end - 1].ends_word:
            continue
        for start in range(max(0, end - longest), end):
            found = entries.get(tuple(p.stem for p in parts[start:end]))
            if not found:
                continue
            has_modifier = start > 0 and parts[start - 1].word == parts[start].word
            usable = tuple(e for e in found if e.any_modifier) if has_modifier else ()
            method = "modified" if has_modifier else "alias"
            if usable:
                # A sign that any word in front changes nothing holds in the context the entry names, all else as usual.
                return Match(start, end, (*usable, *(e for e in found if not e.any_modifier)), method)
            return Match(start, end, tuple(found), method)
        if made := _made_part(parts, end, kind, dictionary):
            return made
    return None


def _made_part(parts: list[Part], end: int, kind: str, dictionary: Dictionary) -> Match | None:
    """A part named by how it is made, where the dictionary has no entry for the whole word: Stanzteil, Schmiedeteil.

    A word that means a thing as well as a process decides nothing: a 'Sägeteil' is sawn, or a part of a saw.
    """
    last = parts[end - 1]
    if kind != "product" or not any(word == last.stem for word, _ in dictionary.parts):
        return None
    start = next((i for i in range(end) if parts[i].word == last.word), end)
    for begin in range(start, end - 1):
        found = dictionary.entries[kind].get(tuple(p.stem for p in parts[begin : end - 1]), [])
        forms = {e.code: dictionary.parts.get((last.stem, e.code)) for e in found}
        if not found or None in forms.values():
            continue
        headings = [replace(e, classification=FORM, code=form) for e in found if (form := forms[e.code])]
        return Match(begin, end, (*found, *headings), PROCESS_PART)
    return None


def _doubt_of_rest(head: list[Part], match: Match, weight: Mapping[str, float]) -> float:
    """How far the words beside the carrier may change its meaning."""
    doubt = 1.0
    carrier_word = head[match.start].word
    free = any(e.any_modifier for e in match.entries)
    for i, part in enumerate(head):
        if match.start <= i < match.end:
            continue
        harmless = part.role in (NEUTRAL, TRANSPARENT, SERVICE, PREPOSITION, FROM) or part.role.startswith("material:")
        if part.word == carrier_word and i < match.start:
            doubt *= weight["known_modifier"] if harmless else weight["free_modifier"] if free else weight["modifier"]
        elif not harmless:
            doubt *= weight["unknown_noun"] if part.is_noun else weight["unknown_word"]
    return doubt


def _has(parts: list[Part], role: str, match: Match, head: list[Part]) -> bool:
    inside = {id(p) for p in head[match.start : match.end]}
    return any(p.role == role and id(p) not in inside for p in parts)


def _materials(head: list[Part], match: Match) -> set[str]:
    return {
        p.role.partition(":")[2]
        for i, p in enumerate(head)
        if p.role.startswith("material:") and not match.start <= i < match.end
    }


def _materials_after_from(parts: list[Part]) -> set[str]:
    """Materials behind 'aus' and before the next preposition."""
    found: set[str] = set()
    listening = False
    for i, part in enumerate(parts):
        if part.role in (FROM, PREPOSITION) and _is_whole(parts, i):
            listening = part.role == FROM
        elif listening and part.role.startswith("material:"):
            found.add(part.role.partition(":")[2])
    return found


def _in_context(entries: tuple[Entry, ...], wz: str, weight: Mapping[str, float]) -> tuple[list[Entry], float]:
    """The entries that hold for a company's industry, and what is left of their score.

    Entries that name its industry come before those that name none; where only other industries are named, none of
    them is certain.
    """
    chosen: list[Entry] = []
    unsure = False
    for family in ((HS, FORM, AMBIGUOUS, NONE), (COMPETENCE,), (KLDB,)):
        own = [e for e in entries if e.classification in family]
        fitting = [e for e in own if any(wz.startswith(p) for p in e.wz)] if wz else []
        general = [e for e in own if not e.wz]
        if fitting or general:
            chosen.extend(_distinct(fitting or general))
        elif own and family[0] == HS:
            chosen.extend(_distinct(own))
            unsure = True
    return chosen, weight["other_industry"] if unsure else 1.0


def _distinct(entries: list[Entry]) -> list[Entry]:
    return list({(e.classification, e.code): e for e in entries}.values())


def _product_code(
    entry: Entry, named: set[str], wz: str, dictionary: Dictionary, weight: Mapping[str, float]
) -> tuple[str, float]:
    """HS code of an entry in the material that is named or usual, and what is left of its score."""
    if {"stainless", "alloy"} & named:
        named = named - {"steel"}
    if entry.classification == HS:
        chapter = entry.code[:2]
        if chapter not in METALS_AND_PLASTICS or not named:
            return entry.code, weight["foreign_material"] if "other" in named else 1.0
        fits = any(chapter in dictionary.chapters.get(material, ()) for material in named)
        return entry.code, 1.0 if fits else weight["foreign_material"]
    if len(named) == 1:
        return dictionary.forms.get((entry.code, next(iter(named))), ""), 1.0
    usual = dictionary.material_by_industry(wz)
    general = dictionary.forms.get((entry.code, ""), "")
    if not named:
        by_industry = dictionary.forms.get((entry.code, usual), "") if usual else ""
        return (by_industry or general), weight["usual_material"] if by_industry else weight["unnamed_material"]
    return general, weight["foreign_material"]
