"""A company's name taken apart: folded spelling, legal form, words of a group's member, the core that is left.

Belongs here: what each word of a name is, and names as rows of words. Does not: the words themselves (settings), or
comparing two names. Words are looked at once each, and legal forms once per run of words that can belong to one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.folding import folded, loose
from warehouse.methods.linkage.forms import FormWords
from warehouse.methods.linkage.hashing import U64, hashes, hashes_of_joined, mixed, raw_hashes
from warehouse.methods.linkage.ragged import Ragged, joined, running
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.wordbook import WordBook

NAMES_AT_A_TIME = 1 << 15
# What is known of each word: its place among the words of legal forms, the number of what stands before a form glued to it
# plus one, the number of its loose spelling, whether it says nothing, the hash of its stem if it tells members of a group
# apart, and hash and length of it (with a blank behind) and of its loose spelling.
TABLES = {
    "place": np.uint32, "prefix": np.uint32, "loose": np.uint32, "filler": np.bool_, "stem": np.uint64,
    "raw": np.uint64, "length": np.int64, "loose_raw": np.uint64, "loose_length": np.int64,
}  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Names of many records, taken apart. Hashes are 0 where there is nothing.

    ``form``: position of the legal form in the settings plus one, 0 none. ``extra``: hash of the words that tell members
    of one group apart (Verwaltung, Holding, numerals), in any order. ``core``, ``joined``: hash of what is left without
    form, extras and fillers; in loose spelling without blanks. ``words``: the core's loose words, as the reader numbers them.
    A name that is nothing but form and extras keeps them as its core, so that no named record is without one.
    """

    form: npt.NDArray[np.uint8]
    extra: U64
    core: U64
    joined: U64
    words: Ragged


class NameReader:
    """Takes names apart by the words of the settings. Knows every word it has met, so one reader serves a whole register."""

    def __init__(self, settings: LinkageSettings) -> None:
        self._settings, self._forms = settings, FormWords(settings)
        self._book, self._loose_book = WordBook(self._spelt), WordBook(lambda words: words)
        self._stems = sorted(settings.roles, key=len, reverse=True)
        extras = "|".join(map(re.escape, self._stems))
        self._extra_word = rf"^((?:{extras})(?:s|es|en)?(?:gesellschaft)?|\d{{1,4}})$"
        self._known = 0
        self._of: dict[str, npt.NDArray] = {name: np.zeros(0, kind) for name, kind in TABLES.items()}

    @property
    def spelt(self) -> pl.Series:
        """The loose words so far, by number."""
        return self._loose_book.words

    def read(self, names: pl.Series) -> Names:
        """Names taken apart, a part of them at a time."""
        starts = range(0, max(len(names), 1), NAMES_AT_A_TIME)
        parts = [self._part(names.slice(i, NAMES_AT_A_TIME)) for i in starts]
        return Names(
            np.concatenate([p.form for p in parts]),
            np.concatenate([p.extra for p in parts]),
            np.concatenate([p.core for p in parts]),
            np.concatenate([p.joined for p in parts]),
            joined([p.words for p in parts]),
        )

    def _part(self, names: pl.Series) -> Names:
        said = self._book.read(names)
        self._learn()
        of = self._of
        values, is_form, form = self._forms.found(said, of["place"], of["prefix"])
        # A name that is all legal form keeps it, and one that is all extras and fillers keeps those.
        rest = _without(Ragged(values, said.ends), is_form)
        core = _without(rest, (of["stem"][rest.values] != 0) | of["filler"][rest.values])
        return Names(
            form,
            _together(rest.where(of["stem"][rest.values] != 0), of["stem"]),
            hashes_of_joined(core, of["raw"], of["length"]),
            hashes_of_joined(core, of["loose_raw"], of["loose_length"]),
            Ragged(of["loose"][core.values], core.ends),
        )

    def _spelt(self, written: pl.Series) -> pl.Series:
        """Folded, with forms parted from their words and the words of the settings replaced."""
        plain = folded(pl.col("w")).str.replace_many(self._forms.glued_words, leftmost=True)
        words = written.to_frame("w").select(plain).with_row_index().select("index", pl.col("w").str.split(" "))
        words = words.explode("w").with_columns(pl.col("w").replace(dict(self._settings.words)))
        return words.group_by("index", maintain_order=True).agg(pl.col("w").str.join(" "))["w"]

    def _learn(self) -> None:
        """What each new word is. What stands before a form is a word as well, looked at in the next turn."""
        while self._known < len(self._book.words):
            new = self._book.words.slice(self._known)
            self._known += len(new)
            place, before = self._forms.places(new)
            prefix = np.zeros(len(new), np.uint32)
            glued = before != ""
            prefix[glued.to_numpy()] = self._book.number(before.filter(glued)) + 1
            loosely = new.to_frame("w").select(loose(pl.col("w"))).to_series()
            extra = new.str.extract(self._extra_word).fill_null("")
            stem = np.zeros(len(new), np.uint64)
            stem[(extra != "").to_numpy()] = hashes(extra.filter(extra != "").map_elements(self._stem_of, pl.String))
            found = (
                place, prefix, self._loose_book.number(loosely), new.is_in(list(self._settings.fillers)).to_numpy(), stem,
                *raw_hashes(new + " "), *raw_hashes(loosely),
            )  # fmt: skip
            self._of = {n: np.concatenate([self._of[n], f]) for n, f in zip(TABLES, found, strict=True)}

    def _stem_of(self, word: str) -> str:
        return next((s for s in self._stems if word.startswith(s)), word.lstrip("0") or "0")


def _without(words: Ragged, dropped: npt.NDArray[np.bool_]) -> Ragged:
    """Rows without the words for which ``dropped`` holds; rows of nothing else stay as they are."""
    all_dropped = words.sums(~dropped) == 0
    return words.where(~dropped | np.repeat(all_dropped, np.diff(words.ends, prepend=0)))


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
