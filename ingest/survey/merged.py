"""Several choices in one text (``Drehen; Fräsen, Schleifen | Sonstiges: Honen``), as a spreadsheet or a form joins them.

Belongs here: taking such a text apart by the question's options. Does not belong here: what an option means. A piece that
is no option is kept whole for the review list; nothing is matched by likeness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.survey.book import Book
from ingest.survey.text import folded

SURE = re.compile(r"[;|\n\t]|\s/\s")
UNSURE = re.compile(r",")
OTHER = "other"


@dataclass(frozen=True)
class Option:
    """One option of a question: the codebook's column, the code that says it was chosen, and how it may be written."""

    column: str
    code: str
    written: frozenset[str]


@dataclass(frozen=True)
class Parts:
    """What a text holds: (column, code, text) of chosen options, the text for 'other', and what is neither."""

    chosen: list[tuple[str, str]]
    other: str
    rest: str


def options_of(book: Book, stem: str) -> list[Option]:
    """The options of a multiple choice by its stem (``PROC`` of ``PROC[SQ001]``)."""
    codes = {c["code_list"]: c["answer_code"] for c in reversed(book.codes) if c["value_code"] == "yes"}
    found = []
    for q in book.questions:
        name, _, rest = q["source_column"].partition("[")
        if name == stem and q["answer_type"] == "multi":
            label = q["label_de"].rsplit(": ", 1)[-1]
            written = {folded(label), folded(q["item_code"]), folded(rest.rstrip("]"))}
            found.append(Option(q["source_column"], codes[q["code_list"]], frozenset(written - {""})))
    return found


def take_apart(text: str, options: list[Option], other_words: set[str]) -> Parts:
    """The options a text names. Semicolons, bars and line breaks part pieces; commas only where the pieces are options."""
    chosen: list[tuple[str, str]] = []
    other, rest = [], []
    for piece in (p.strip() for p in SURE.split(text)):
        word, colon, said = piece.partition(":")
        if colon and folded(word) in other_words:
            other.append(said.strip())
            continue
        for part in _by_commas(piece, options):
            hit = next((o for o in options if folded(part) in o.written), None)
            if hit is not None:
                chosen.append((hit.column, hit.code))
            elif part and folded(part) not in other_words:
                rest.append(part)
    return Parts(list(dict.fromkeys(chosen)), "; ".join(filter(None, other)), "; ".join(rest))


def _by_commas(piece: str, options: list[Option]) -> list[str]:
    """Pieces between commas, the longest that are options first: a label may hold a comma itself."""
    words = [w.strip() for w in UNSURE.split(piece)]
    found: list[str] = []
    start = 0
    while start < len(words):
        ends = range(len(words), start, -1)
        end = next((e for e in ends if any(folded(", ".join(words[start:e])) in o.written for o in options)), start + 1)
        found.append(", ".join(words[start:end]))
        start = end
    return found
