"""Distinct words of many texts, each brought into its normal form once.

Belongs here: cutting texts at blanks, knowing a word again, numbering normal forms. Does not: what a normal form is. There
are far fewer words than texts, so whatever is dear is done to words, and texts become rows of numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.ragged import Ragged, expanded, running

Spell = Callable[[pl.Series], pl.Series]


class WordBook:
    """Words met so far. Numbers are those of this book only, from 1 on; 0 is no word."""

    def __init__(self, spelt: Spell) -> None:
        """``spelt``: normal form of each written word, words in it parted by single blanks; '' for none."""
        self._spelt = spelt
        self._written, self._known = pl.Categories.random(), pl.Categories.random()
        # Polars forgets categories that no series uses any more.
        self._held = [pl.Series([""]).cast(pl.Categorical(c)) for c in (self._written, self._known)]
        self._begin, self._count, self._flat = np.zeros(1, np.uint32), np.zeros(1, np.uint32), np.zeros(0, np.uint32)
        self.words = pl.Series("word", [""], dtype=pl.String)

    def read(self, texts: pl.Series) -> Ragged:
        """Numbers of the words of each text, in order."""
        parts = texts.fill_null("").str.split(" ")
        ends = parts.list.len().cast(pl.Int64).cum_sum().to_numpy()
        written = parts.explode().cast(pl.Categorical(self._written))
        code = written.to_physical().to_numpy()
        if len(code) and int(code.max()) >= len(self._count):
            self._learn(written.filter(written.to_physical() >= len(self._count)).unique())
        count = self._count[code]
        begin = self._begin[code]
        if len(count) and count.min() == count.max() == 1:
            return Ragged(self._flat[begin], ends)
        return Ragged(self._flat[expanded(begin, begin + count)[1]], running(count.astype(np.int64))[ends])

    def number(self, words: pl.Series) -> npt.NDArray[np.uint32]:
        """Numbers of words in normal form; unknown ones are taken in."""
        named = words.cast(pl.Categorical(self._known))
        code = named.to_physical()
        new = named.filter(code >= len(self.words)).unique()
        if len(new):
            order = new.to_physical().arg_sort()
            self.words = pl.concat([self.words, new.gather(order).cast(pl.String).rename("word")], rechunk=True)
        return code.to_numpy()

    def _learn(self, written: pl.Series) -> None:
        written = written.gather(written.to_physical().arg_sort())
        normal = self._spelt(written.cast(pl.String)).str.split(" ")
        flat = normal.explode()
        said = (flat != "").to_numpy()
        before = running(said)
        ends = normal.list.len().cast(pl.Int64).cum_sum().to_numpy()
        count = np.diff(before[np.concatenate([[0], ends])])
        self._begin = np.concatenate(
            [self._begin, len(self._flat) + np.cumsum(count) - count], dtype=np.uint32, casting="unsafe"
        )
        self._count = np.concatenate([self._count, count], dtype=np.uint32, casting="unsafe")
        self._flat = np.concatenate([self._flat, self.number(flat.filter(pl.Series(said)))])


def texts_of(words: Ragged, spelt: pl.Series) -> pl.Series:
    """Each row's words behind one another."""
    said = pl.DataFrame({"row": words.owner().astype(np.uint32), "word": spelt.gather(words.values)})
    made = said.group_by("row", maintain_order=True).agg(pl.col("word").str.join(""))
    empty = pl.DataFrame({"row": np.arange(len(words.ends), dtype=np.uint32)})
    return empty.join(made, on="row", how="left", maintain_order="left")["word"].fill_null("")
