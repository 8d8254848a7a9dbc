"""From a cell to codings: every named thing with its codes, scores and status.

Belongs here: which question asks for which classification, the limits, the candidates a reviewer sees. Does not belong
here: evidence (``evidence``), or what a reviewer decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from warehouse.methods.text_coding.cells import split_cell
from warehouse.methods.text_coding.dictionary import COMPETENCE, HS, KLDB, Dictionary
from warehouse.methods.text_coding.evidence import Evidence, Found, examine
from warehouse.methods.text_coding.similarity import Neighbours

METHOD_VERSION = "text_coding_2026_2"
AUTOMATIC, REVIEW, UNCODED = "automatic", "review", "uncoded"


@dataclass(frozen=True)
class Context:
    """What is known beside the text: which question it answers, and the company's WZ 2008 code ('' if unknown)."""

    question: str
    wz2008_code: str = ""


@dataclass(frozen=True)
class Coding:
    """A code for one named thing of a cell; ``classification`` and ``code`` are '' where none is known.

    ``part_no`` counts the named things from 1. ``score`` is 0 to 1, ``status`` automatic, review or uncoded.
    """

    part_no: int
    thing: str
    classification: str
    code: str
    method: str
    score: float
    status: str


@dataclass(frozen=True)
class Coder:
    """A dictionary with its limits.

    Attributes:
        scoring: ``text/scoring.yml``: limits, questions (concept -> classifications), weights.
    """

    dictionary: Dictionary
    scoring: Mapping[str, Any]

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.dictionary.labels)

    def code(self, cell: str, context: Context) -> list[Coding]:
        """Codes of every named thing in a cell.

        A thing gets every automatic code; where there is none, its best candidate for review; where there is none of
        those either, one row that says uncoded. A question that is not in ``scoring`` gets no codes.
        """
        codings: list[Coding] = []
        for number, (thing, in_brackets) in enumerate(self.things(cell, context.question), start=1):
            codings.extend(self.code_thing(thing, in_brackets, context, number))
        return codings

    def things(self, cell: str, question: str) -> list[tuple[str, str]]:
        """The things a cell names in their order, each with what stood in brackets behind it; the cell where it names
        none, nothing for a question that is not in ``scoring``. The industry changes nothing here."""
        wanted = self.wanted(question)
        if not wanted:
            return []
        kind = kind_of(wanted)
        whole = self._whole(cell, kind, Context(question))
        return ([whole] if whole else split_cell(cell, self.dictionary.splitter, kind == "occupation")) or [(cell, "")]

    def wanted(self, question: str) -> tuple[str, ...]:
        """The classifications a question asks for."""
        return tuple(self.scoring["questions"].get(question, ()))

    def candidates(self, thing: str, context: Context, limit: int = 5) -> list[Found]:
        """What a reviewer is offered: codes of the dictionary first, then the nearest labels."""
        wanted = self.wanted(context.question)
        kind = kind_of(wanted)
        found = [
            f
            for piece, brackets in split_cell(thing, self.dictionary.splitter, kind == "occupation")
            for f in self._evidence(piece, brackets, kind, context).found
            if f.classification in wanted
        ]
        found += self._similar(thing, wanted, kind, limit)
        best: dict[tuple[str, str], Found] = {}
        for f in sorted(found, key=lambda f: -f.score):
            best.setdefault((f.classification, f.code), f)
        return list(best.values())[:limit]

    def _whole(self, cell: str, kind: str, context: Context) -> tuple[str, str] | None:
        """A cell that is one entry although it holds a separator: 'Maschinen- und Anlagenführer'."""
        if kind != "occupation" or " und " not in cell:
            return None
        text = split_cell(cell.replace("- und ", " ").replace(" und ", " "), self.dictionary.splitter, True)
        if len(text) != 1:
            return None
        evidence = self._evidence(*text[0], kind, context)
        return text[0] if any(f.score >= self.scoring["limits"]["automatic"] for f in evidence.found) else None

    def _evidence(self, thing: str, in_brackets: str, kind: str, context: Context) -> Evidence:
        return examine(thing, in_brackets, kind, context.wz2008_code, self.dictionary, self.scoring["weights"])

    def code_thing(self, thing: str, in_brackets: str, context: Context, number: int = 1) -> list[Coding]:
        """Codes of one named thing, as ``things`` gives it; at least one row."""
        wanted, limits = self.wanted(context.question), self.scoring["limits"]
        kind = kind_of(wanted)
        evidence = self._evidence(thing, in_brackets, kind, context)
        found = [f for f in evidence.found if f.classification in wanted]
        automatic = [f for f in found if f.score >= limits["automatic"]]
        if automatic:
            return [self._coding(number, thing, f, AUTOMATIC) for f in _without_rivals(automatic)]
        if evidence.is_nothing:
            return [Coding(number, thing, "", "", "none", 0.0, UNCODED)]
        found = found or self._similar(thing, wanted, kind, 1)
        best = max(found, key=lambda f: f.score, default=None)
        if best and best.score >= limits["review"]:
            return [self._coding(number, thing, best, REVIEW)]
        return [Coding(number, thing, "", "", "none", 0.0, UNCODED)]

    def _similar(self, thing: str, wanted: tuple[str, ...], kind: str, limit: int) -> list[Found]:
        """Neighbours by letters; a resemblance alone never codes anything, so it stays below the limit."""
        ceiling = self.scoring["weights"]["similarity_ceiling"]
        near = self.neighbours.of(thing, wanted, kind, limit)
        return [Found(label.classification, label.code, ceiling * cosine, "similarity") for label, cosine in near]

    @staticmethod
    def _coding(number: int, thing: str, found: Found, status: str) -> Coding:
        return Coding(number, thing, found.classification, found.code, found.method, round(found.score, 4), status)


def kind_of(wanted: tuple[str, ...]) -> str:
    """Which entries of the dictionary may be used: those of products and services, or those of occupations."""
    return "occupation" if KLDB in wanted else "product"


def _without_rivals(found: list[Found]) -> list[Found]:
    """One code per classification: the best one."""
    best: dict[str, Found] = {}
    for f in sorted(found, key=lambda f: -f.score):
        best.setdefault(f.classification, f)
    order = (HS, COMPETENCE, KLDB)
    return sorted(best.values(), key=lambda f: order.index(f.classification))
