"""A company's name taken apart: folded spelling, legal form, words of a group's member, the core that is left.

Belongs here: what each word of a name is, and names as rows of words. Does not: the words themselves (settings), or
comparing two names. Words are looked at once each, and legal forms once per run of words that can belong to one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.forms import FormWords
from warehouse.methods.linkage.hashing import U64, hashes, hashes_of_joined, mixed, raw_hashes
from warehouse.methods.linkage.ragged import Ragged, joined, running
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.wordbook import WordBook

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


NAMES_AT_A_TIME = 50_000
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Names:
    """Names of many records, taken apart. Hashes are 0 where there is nothing.

    ``form``: position of the legal form in the settings plus one, 0 none. ``extra``: hash of the words that tell members
    of one group apart (Verwaltung, Holding, numerals), in any order. ``core``, ``joined``: hash of what is left without
    form, extras and fillers; in loose spelling without blanks. ``words``: the core's loose words, numbers into ``spelt``.
    A name that is nothing but form and extras keeps them as its core, so that no named record is without one.
    """

    form: npt.NDArray[np.uint8]
    extra: U64
    core: U64
    joined: U64
    words: Ragged
    spelt: pl.Series


class NameReader:
    """Takes names apart by the words of the settings. Knows every word it has met, so one reader serves a whole register."""

    def __init__(self, settings: LinkageSettings) -> None:
        self.forms = FormWords(settings)
        self.settings = settings
        self.book, self.loose_book = WordBook(self._spelt), WordBook(lambda words: words)
        extras = "|".join(sorted(map(re.escape, settings.roles), key=len, reverse=True))
        self._extra_word = rf"^(?:(?:{extras})(?:s|es|en)?(?:gesellschaft)?|\d{{1,4}})$"
        self._stems = sorted(settings.roles, key=len, reverse=True)
        self._known = 0
        self._numbers = {name: np.zeros(0, np.uint32) for name in ("place", "prefix", "loose")}
        self._is_filler, self._stem, self._raw, self._length = np.zeros(0, bool), *(np.zeros(0, np.uint64),) * 2, np.zeros(0, np.int64)  # fmt: skip

    def read(self, names: pl.Series) -> Names:
        """Names taken apart, a part of them at a time."""
        starts = range(0, max(len(names), 1), NAMES_AT_A_TIME)
        parts = [self._part(names.slice(i, NAMES_AT_A_TIME)) for i in starts]
        form, extra, core = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])  # fmt: skip
        words = joined([p[3] for p in parts])
        raw, length = raw_hashes(self.loose_book.words)
        return Names(form, extra, core, hashes_of_joined(words, raw, length), words, self.loose_book.words)

    def _part(self, names: pl.Series) -> tuple[npt.NDArray[np.uint8], U64, U64, Ragged]:
        said = self.book.read(names)
        self._learn()
        values, is_form, form = self.forms.found(said, self._numbers["place"], self._numbers["prefix"])
        said = Ragged(values, said.ends)
        # A name that is all legal form keeps it.
        rest = said.where(~is_form | np.repeat(said.sums(~is_form) == 0, np.diff(said.ends, prepend=0)))
        stem = self._stem[rest.values]
        is_core = (stem == 0) & ~self._is_filler[rest.values]
        is_core |= np.repeat(rest.sums(is_core) == 0, np.diff(rest.ends, prepend=0))
        core = rest.where(is_core)
        loose_words = Ragged(self._numbers["loose"][core.values], core.ends)
        return form, _together(rest.where(stem != 0), self._stem), hashes_of_joined(core, self._raw, self._length), loose_words  # fmt: skip

    def _spelt(self, written: pl.Series) -> pl.Series:
        plain = written.to_frame("w").select(
            folded(pl.col("w")).str.replace_many(self.forms.glued_words, leftmost=True)
        )
        words = plain.with_row_index().select("index", pl.col("w").str.split(" ")).explode("w")
        words = words.with_columns(pl.col("w").replace(dict(self.settings.words)))
        return words.group_by("index", maintain_order=True).agg(pl.col("w").str.join(" "))["w"]

    def _learn(self) -> None:
        """What each new word is."""
        while self._known < len(self.book.words):
            new = self.book.words.slice(self._known)
            self._known += len(new)
            place, rest = self.forms.places(new)
            # The rest of a word with a form glued to it is a word as well, looked at in the next turn.
            prefix = np.zeros(len(new), np.uint32)
            has_rest = (rest != "").to_numpy()
            prefix[has_rest] = self.book.number(rest.filter(pl.Series(has_rest))) + 1
            spelling = self.loose_book.number(new.to_frame("w").select(loose(pl.col("w"))).to_series())
            for name, found in (("place", place), ("prefix", prefix), ("loose", spelling)):
                self._numbers[name] = np.concatenate([self._numbers[name], found])
            self._is_filler = np.concatenate([self._is_filler, new.is_in(list(self.settings.fillers)).to_numpy()])
            extra = new.str.extract(f"({self._extra_word})").fill_null("")
            stems = extra.to_list()
            at = np.flatnonzero((extra != "").to_numpy())
            self._stem = np.concatenate([self._stem, np.zeros(len(new), np.uint64)])
            self._stem[len(self._stem) - len(new) + at] = hashes(pl.Series([self._stem_of(stems[i]) for i in at], dtype=pl.String))  # fmt: skip
            raw, length = raw_hashes(new + " ")
            self._raw, self._length = np.concatenate([self._raw, raw]), np.concatenate([self._length, length])

    def _stem_of(self, word: str) -> str:
        return next((s for s in self._stems if word.startswith(s)), word.lstrip("0") or "0")


def _together(extras: Ragged, stem: U64) -> U64:
    """One hash of each row's distinct stems, in any order."""
    row, found = extras.owner(), stem[extras.values]
    order = np.lexsort((found, row))
    row, found = row[order], found[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (found[1:] != found[:-1])
    counted = running(first)[np.searchsorted(row, np.arange(len(extras.ends)), "right")]
    with np.errstate(over="ignore"):
        return Ragged(found[first], counted).sums(mixed(found[first] + np.uint64(1)))
