"""A company's name taken apart: folded spelling, legal form, words of a group's member, the core that is left.

Belongs here: Polars expressions over one text column. Does not: the words themselves (settings), or comparing two names.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from warehouse.methods.linkage.settings import LinkageSettings

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


def _words(words: dict[str, str]) -> dict[str, str]:
    return {f" {word} ": f" {other} " for word, other in words.items()}


def with_name_parts(frame: pl.DataFrame, settings: LinkageSettings) -> pl.DataFrame:
    """Add to a frame with ``name``: ``form`` (u8, 0 none), ``extra``, ``core``, ``loose_core``, ``joined``.

    ``extra`` holds the words that tell members of one group apart (Verwaltung, Holding, numerals), sorted; ``core`` what
    is left without legal form, extras and fillers; ``joined`` the core in loose spelling without blanks. A name that is
    nothing but form and extras keeps them as its core, so that no named record is without one.
    """
    spelt = {text: code for code, texts in settings.legal_forms.items() for text in texts}
    forms = "|".join(re.escape(text) for text in sorted(spelt, key=len, reverse=True))
    extras = "|".join(sorted(map(re.escape, settings.roles), key=len, reverse=True))
    extra_words = rf"\b(?:(?:{extras})(?:s|es|en)?(?:gesellschaft)?|\d{{1,4}})\b"
    position = {text: settings.form_codes.index(code) + 1 for text, code in spelt.items()}
    fillers = {f" {word} ": " " for word in settings.fillers}
    folded_name = folded(pl.col("name"))
    padded = pl.concat_str(pl.lit(" "), folded_name.str.replace_many(settings.glued_forms, leftmost=True), pl.lit(" "))
    frame = frame.with_columns(_text=padded.str.replace_many(_words(dict(settings.words))))
    found = frame["_text"].str.extract_all(rf"\b(?:{forms})\b").list.last()
    without = frame["_text"].str.replace_all(rf"\b(?:{forms})\b", " ").str.replace_all(r" +", " ")
    frame = frame.with_columns(
        form=found.replace_strict(position, default=0, return_dtype=pl.UInt8).fill_null(0),
        _text=pl.when(without.str.strip_chars() == "").then("_text").otherwise(without),
    )
    frame = frame.with_columns(
        extra=_extra(frame["_text"], extra_words, settings),
        _core=_without_fillers(frame["_text"].str.replace_all(extra_words, " "), fillers),
    )
    core = pl.when(pl.col("_core") == "").then(pl.col("_text").str.strip_chars()).otherwise("_core")
    frame = frame.with_columns(core=core)
    frame = frame.with_columns(loose_core=loose(pl.col("core")))
    return frame.with_columns(joined=pl.col("loose_core").str.replace_all(" ", "", literal=True)).drop("_text", "_core")


def _without_fillers(text: pl.Series, fillers: dict[str, str]) -> pl.Series:
    # Twice, because neighbours share the blank between them.
    spaced = text.str.replace_all(" +", "  ")
    return spaced.str.replace_many(fillers).str.replace_all(" +", " ").str.strip_chars()


def _extra(text: pl.Series, pattern: str, settings: LinkageSettings) -> pl.Series:
    """The telling words without endings, sorted; most names have none, so distinct lists are worked on once."""
    found = text.str.extract_all(pattern).list.join(" ")
    stems = sorted(settings.roles, key=len, reverse=True)

    def stem(word: str) -> str:
        return next((s for s in stems if word.startswith(s)), word.lstrip("0") or "0")

    distinct = found.unique()
    stemmed = [" ".join(sorted({stem(w) for w in text.split()})) for text in distinct]
    return found.replace_strict(distinct, pl.Series(stemmed, dtype=pl.String), return_dtype=pl.String)
