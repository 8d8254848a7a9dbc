"""Legal forms among the words of a name.

Belongs here: finding the phrases of the settings in runs of words that occur in them. Does not: any other word of a name.
A run ("gmbh und co kg") is read once, however many names have it.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.hashing import U64
from warehouse.methods.linkage.ragged import Ragged
from warehouse.methods.linkage.settings import LinkageSettings

U32 = npt.NDArray[np.uint32]
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class FormWords:
    """The phrases of one version of the settings, and the runs read so far."""

    def __init__(self, settings: LinkageSettings) -> None:
        codes = settings.form_codes
        self.phrases = {
            tuple(text.split()): codes.index(code) + 1 for code, texts in settings.legal_forms.items() for text in texts
        }
        glued = {tuple(text.split()): other for text, other in settings.glued_forms.items()}
        # A form glued to a word by itself is parted from it in the word, one of several words in the run.
        self.glued_words = {words[0]: other for words, other in glued.items() if len(words) == 1}
        self.glued = {words: tuple(other.split()) for words, other in glued.items() if len(words) > 1}
        self.endings = sorted({words[0] for words in self.glued}, key=len, reverse=True)
        every = {word for words in (*self.phrases, *self.glued, *self.glued.values()) for word in words}
        self.words = ["", *sorted(every)]
        self._read: dict[int, tuple[npt.NDArray[np.bool_], int]] = {}

    @cached_property
    def longest(self) -> int:
        return max(map(len, self.phrases), default=0)

    def places(self, words: pl.Series) -> tuple[U32, pl.Series]:
        """Position of each word in ``words`` of this (0: none), that of its ending where one can be glued to it; and the
        rest of such a word, else ''."""
        known = pl.Series(range(len(self.words)), dtype=pl.UInt32)
        place = words.replace_strict(pl.Series(self.words), known, default=0, return_dtype=pl.UInt32)
        rest = pl.Series([""] * len(words), dtype=pl.String)
        for ending in self.endings:
            glued = words.str.ends_with(ending) & (place == 0)
            place = place.set(glued, self.words.index(ending))
            rest = rest.zip_with(~glued, words.str.strip_suffix(ending))
        return place.to_numpy(), rest

    def found(self, said: Ragged, places: U32, rests: U32) -> tuple[U32, npt.NDArray[np.bool_], npt.NDArray[np.uint8]]:
        """Words with glued forms taken off, which of them belong to a form, and the last form of each row."""
        place, rest = places[said.values], rests[said.values]
        in_run = place > 0
        begins = np.zeros(len(place) + 1, dtype=bool)
        begins[said.begins] = True
        begins = begins[:-1] | (rest > 0)
        begins[1:] |= ~in_run[:-1]
        at = np.flatnonzero(in_run)
        first = np.flatnonzero(begins[at])
        form = np.zeros(len(said.ends), np.uint8)
        if not len(at):
            return said.values, np.zeros(len(place), bool), form
        lengths = np.diff(np.append(first, len(at)))
        key = _keys(place[at].astype(np.uint64), first, lengths)
        distinct, example, run = np.unique(key, return_index=True, return_inverse=True)
        read = [self._of(int(k), place[at[first[i]] : at[first[i]] + lengths[i]]) for k, i in zip(distinct, example, strict=True)]  # fmt: skip
        flags = np.concatenate([f for f, _ in read])
        begin = np.cumsum([0, *(len(f) for f, _ in read)])[:-1]
        is_form = np.zeros(len(place), bool)
        is_form[at] = flags[np.repeat(begin[run] - first, lengths) + np.arange(len(at))]
        code = np.array([c for _, c in read], dtype=np.uint8)[run]
        named = np.flatnonzero(code)
        # The last form of a name wins: of several assignments to one place, the last stays.
        form[np.searchsorted(said.ends, at[first[named]], "right")] = code[named]
        glued = is_form & (rest > 0)
        return np.where(glued, rest - np.uint32(1), said.values), is_form & ~glued, form

    def _of(self, key: int, places: U32) -> tuple[npt.NDArray[np.bool_], int]:
        if key not in self._read:
            self._read[key] = self._parsed([self.words[p] for p in places])
        return self._read[key]

    def _parsed(self, words: list[str]) -> tuple[npt.NDArray[np.bool_], int]:
        """Which words of a run belong to a form, and the last form in it; the longest phrase that fits wins."""
        pieces: list[tuple[str, range]] = []
        at = 0
        while at < len(words):
            fits = next((g for g in sorted(self.glued, key=len, reverse=True) if tuple(words[at : at + len(g)]) == g), None)  # fmt: skip
            length = len(fits) if fits else 1
            pieces += [(w, range(at, at + length)) for w in (self.glued[fits] if fits else words[at : at + 1])]
            at += length
        flags, code, at = np.zeros(len(words), bool), 0, 0
        while at < len(pieces):
            text = tuple(word for word, _ in pieces[at : at + self.longest])
            length = next((n for n in range(len(text), 0, -1) if text[:n] in self.phrases), 0)
            code = self.phrases.get(text[:length], code)
            for _, covered in pieces[at : at + length]:
                flags[covered.start : covered.stop] = True
            at += max(length, 1)
        return flags, code


def _keys(place: U64, first: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp]) -> U64:
    """A number per run that tells runs of other words apart."""
    within = np.arange(len(place)) - np.repeat(first, lengths)
    with np.errstate(over="ignore"):
        powers = np.full(int(lengths.max()), MULTIPLIER)
        powers[0] = 1
        weighed = place * np.multiply.accumulate(powers)[within]
        return np.add.reduceat(weighed, first)
