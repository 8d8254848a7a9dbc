"""Streets and house numbers taken apart.

Belongs here: one spelling of a street, its house number, numbering distinct streets. Does not: comparing two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.folding import folded
from warehouse.methods.linkage.hashing import hashes_of_joined, raw_hashes
from warehouse.methods.linkage.ragged import Ragged
from warehouse.methods.linkage.wordbook import WordBook, texts_of

STREETS_AT_A_TIME = 1 << 15
U32 = npt.NDArray[np.uint32]
# Words of a street that can belong to a house number: "12", "12a", and after one a letter alone.
NUMBER, LETTER = 2, 1


class StreetReader:
    """Knows every word it has met."""

    def __init__(self) -> None:
        self._book = WordBook(_spelt)
        self._place: dict[int, int] = {0: 0}
        self._texts = [pl.Series("street", [""])]

    @property
    def streets(self) -> pl.Series:
        """The distinct streets so far as text without blanks, by place; the first is none."""
        return pl.concat(self._texts, rechunk=True)

    def read(self, streets: pl.Series) -> tuple[U32, U32]:
        """Per record the place of its street in the distinct streets, and its first house number; 0 for none.

        The last run of numbers is the house: "Hauptstr. 12 a" and "Hauptstraße 12A" are one, "Straße des 17. Juni 1".
        """
        starts = range(0, max(len(streets), 1), STREETS_AT_A_TIME)
        parts = [self._part(streets.slice(i, STREETS_AT_A_TIME)) for i in starts]
        return np.concatenate([s for s, _ in parts]), np.concatenate([h for _, h in parts])

    def _part(self, streets: pl.Series) -> tuple[U32, U32]:
        said, words = self._book.read(streets), self._book.words
        kind = np.where(words.str.contains(r"^\d+[a-z]?$"), NUMBER, np.where(words.str.contains("^[a-z]$"), LETTER, 0))
        first = _first_of_house(said, kind[said.values])
        named = said.where(np.arange(len(said.values)) < np.repeat(first, np.diff(said.ends, prepend=0)))
        house = np.zeros(len(said.ends), np.uint32)
        at = np.flatnonzero(first < said.ends)
        digits = words.str.extract(r"^(\d{1,9})").cast(pl.UInt32).fill_null(0).to_numpy()
        house[at] = digits[said.values[first[at]]]
        distinct, example, street = np.unique(hashes_of_joined(named, *raw_hashes(words)), return_index=True, return_inverse=True)  # fmt: skip
        known = np.array([self._place.get(key, -1) for key in distinct.tolist()], dtype=np.int64)
        new = np.flatnonzero(known < 0)
        known[new] = len(self._place) + np.arange(len(new))
        self._place.update(zip(distinct[new].tolist(), known[new].tolist(), strict=True))
        self._texts.append(texts_of(named.rows(example[new]), words).rename("street"))
        return known[street].astype(np.uint32), house


def _first_of_house(said: Ragged, kind: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
    """Place of the first word of each row's house number; the row's end where it has none."""
    place = np.arange(len(kind))
    owner = said.owner()
    # The last word that is neither number nor letter, and from there on the first number.
    ends = said.ends.astype(np.intp)
    last = said.begins.astype(np.intp) - 1
    plain = np.flatnonzero(kind == 0)
    last[owner[plain]] = place[plain]
    first = ends.copy()
    numbers = np.flatnonzero((kind == NUMBER) & (place > last[owner]))[::-1]
    first[owner[numbers]] = place[numbers]
    return first


def _spelt(written: pl.Series) -> pl.Series:
    plain = written.to_frame("w").select(folded(pl.col("w"))).to_series()
    return plain.str.replace_all(r"str( |$)", "strasse$1")
