"""One spelling of text: lower case, plain letters, single blanks.

Belongs here: Polars expressions over any text column. Does not: what words mean.
"""

from __future__ import annotations

import unicodedata

import polars as pl

UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe", "ł": "l", "đ": "d"}
# UTF-8 read as Latin-1 or cp1252 somewhere on the way; folded as if it had been read rightly.
TWICE_ENCODED = {"ã¤": "ae", "ã¶": "oe", "ã¼": "ue", "ãÿ": "ss", "ã\x9f": "ss", "ã„": "ae", "ã–": "oe", "ãœ": "ue"}
DROPPED = ("'", "’", "`", "´", "\u00ad", "\u200b")
# ae, oe, ue and a bare vowel are one spelling here: "Mueller", "Müller" and a "Muller" typed without umlaut.
LOOSE = {"ae": "a", "oe": "o", "ue": "u"}


def _accents() -> dict[str, str]:
    """Latin letters with accents to their plain letter, combining marks to nothing."""
    plain = {}
    for code in range(0xC0, 0x250):
        letter = chr(code).lower()
        bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        if bare and not letter.isascii():
            plain[letter] = bare
    marks = {chr(code): "" for code in range(0x300, 0x370)}
    decomposed = {a + "\u0308": folded for a, folded in (("a", "ae"), ("o", "oe"), ("u", "ue"))}
    # The longer patterns first: where two begin at one letter, the first listed wins.
    return {**TWICE_ENCODED, **decomposed, **plain, **marks, **UMLAUTS, **dict.fromkeys(DROPPED, "")}


FOLDS = _accents()


def folded(text: pl.Expr) -> pl.Expr:
    """Lower case, ae/oe/ue/ss, no accents, single blanks; ``&`` and ``+`` become ``und``. NULL and blanks become ''."""
    plain = text.fill_null("").str.to_lowercase().str.replace_many(FOLDS, leftmost=True)
    return plain.str.replace_all(r"[&+]", " und ").str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()


def loose(text: pl.Expr) -> pl.Expr:
    """Folded text in which a dropped umlaut does not show."""
    return text.str.replace_many(LOOSE)
