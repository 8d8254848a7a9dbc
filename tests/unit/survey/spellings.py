"""Numbers as people write them, made from a number that is known: the oracle of the hostile cells.

Belongs here: writing a number in many ways, and what a text can mean by two plain conventions (point for thousands, or for decimals).
Does not belong here: anything of the reader; nothing is imported from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

GERMAN = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+(?:,[0-9]+)?")
ENGLISH = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?")
APART = re.compile(r"[1-9][0-9]{0,2}(?:[ '][0-9]{3})+(?:[.,][0-9]+)?")
WORDS = {"mwh": "1", "gwh": "1000", "kwh": "0.001", "mwh/a": "1", "": "1"}
SCALES = {"": "1", "tsd": "1000", "tausend": "1000", "mio": "1000000", "million": "1000000", "millionen": "1000000",
          "mrd": "1000000000", "milliarde": "1000000000", "milliarden": "1000000000"}  # fmt: skip


def meanings(text: str) -> set[Decimal]:
    """Every value a text can have in MWh; none where it is no plain number with a word behind it."""
    plain = text.replace("’", "'").replace("−", "-").strip()
    match = re.fullmatch(r"(\D*?)([+-]?)([0-9](?:[0-9.,' ]*[0-9])?)(?:,[-–]{1,2})?\s*(.*)", plain, re.S)
    if match is None:
        return set()
    before, sign, body, after = match.groups()
    words = [w.strip(" .").casefold() for w in re.split(r"\s+", f"{before} {after}") if w.strip(" .")]
    factor = Decimal(1)
    for word in words:
        if word not in WORDS and word not in SCALES:
            return set()
        factor *= Decimal(WORDS.get(word) or SCALES[word])
    found = set()
    if GERMAN.fullmatch(body):
        found.add(Decimal(body.replace(".", "").replace(",", ".")))
    if ENGLISH.fullmatch(body):
        found.add(Decimal(body.replace(",", "")))
    if APART.fullmatch(body):
        found.add(Decimal(re.sub("[ ']", "", body).replace(",", ".")))
    return {(-value if sign == "-" else value) * factor for value in found}


def grouped(whole: int, mark: str) -> str:
    """Digits in threes."""
    return f"{whole:,}".replace(",", mark)


Spelling = Callable[[int, str], tuple[str, Decimal]]


def _exact(whole: int, decimals: str) -> Decimal:
    return Decimal(f"{whole}.{decimals}" if decimals else whole)


def _form(mark: str, point: str, before: str = "", after: str = "", factor: str = "1") -> Spelling:
    """``mark`` between thousands ('' for none), ``point`` before decimals, words around."""

    def spell(whole: int, decimals: str) -> tuple[str, Decimal]:
        body = grouped(whole, mark) if mark else str(whole)
        return f"{before}{body}{point + decimals if decimals else ''}{after}", _exact(whole, decimals) * Decimal(factor)

    return spell


# Name to a way of writing; the number it has to come back as is known before it is written.
SPELLINGS: dict[str, Spelling] = {
    "comma": _form("", ","), "point": _form("", "."), "german": _form(".", ","), "english": _form(",", "."),
    "swiss": _form("'", "."), "typographic swiss": _form("’", "."), "blanks": _form(" ", ","), "no-break blanks": _form("\u00a0", ","),
    "narrow blanks": _form("\u202f", ","), "plus": _form("", ",", "+"), "minus": _form("", ",", "-", factor="-1"),
    "long minus": _form("", ",", "−", factor="-1"), "blanks around": _form("", ",", "  ", " \t"), "no width": _form("", ",", "\ufeff", "\u200b"),
    "unit": _form(".", ",", "", " MWh"), "unit at once": _form("", ",", "", "MWh"), "larger unit": _form("", ",", "", " GWh", "1000"),
    "smaller unit": _form("", ",", "", " kWh", "0.001"), "thousands": _form("", ",", "", " Tsd.", "1000"),
    "millions": _form("", ",", "", " Mio", "1000000"), "milliards": _form("", ",", "", " Mrd.", "1000000000"),
    "millions in words": _form("", ",", "", " Millionen MWh", "1000000"),
}  # fmt: skip
