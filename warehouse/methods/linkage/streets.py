"""Streets and house numbers taken apart.

Belongs here: one spelling of a street, its house number, numbering distinct streets. Does not: comparing two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.hashing import hashes_of_joined, raw_hashes
from warehouse.methods.linkage.names import folded
from warehouse.methods.linkage.ragged import Ragged, joined
from warehouse.methods.linkage.wordbook import WordBook

STREETS_AT_A_TIME = 50_000
U32 = npt.NDArray[np.uint32]
# Words of a street that can belong to a house number: "12", "12a", and after one a letter alone.
NUMBER, LETTER = 2, 1


class StreetReader:
    """Knows every word it has met."""

    def __init__(self) -> None:
        self.book = WordBook(_spelt)

    def read(self, streets: pl.Series) -> tuple[U32, U32, pl.Series]:
        """Per record the place of its street in the distinct streets, and its first house number (0: none); and the
        distinct streets as text without blanks, the first one ''.

        The last run of numbers is the house: "Hauptstr. 12 a" and "Hauptstraße 12A" are one, "Straße des 17. Juni 1".
        """
        starts = range(0, max(len(streets), 1), STREETS_AT_A_TIME)
        said = joined([self.book.read(streets.slice(i, STREETS_AT_A_TIME)) for i in starts])
        words = self.book.words
        kind = np.where(words.str.contains(r"^\d+[a-z]?$"), NUMBER, np.where(words.str.contains("^[a-z]$"), LETTER, 0))
        first = _first_of_house(said, kind[said.values])
        place = np.arange(len(said.values))
        named = said.where(place < np.repeat(first, np.diff(said.ends, prepend=0)))
        house = np.zeros(len(said.ends), np.uint32)
        at = np.flatnonzero(first < said.ends)
        digits = words.str.extract(r"^(\d{1,9})").cast(pl.UInt32).fill_null(0).to_numpy()
        house[at] = digits[said.values[first[at]]]
        key = hashes_of_joined(named, *raw_hashes(words))
        distinct, example, street = np.unique(key, return_index=True, return_inverse=True)
        texts = _texts(named.rows(example), words)
        if not len(distinct) or distinct[0] != 0:
            return (street + 1).astype(np.uint32), house, pl.concat([pl.Series("street", [""]), texts])
        return street.astype(np.uint32), house, texts


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


def _texts(words: Ragged, spelt: pl.Series) -> pl.Series:
    said = pl.DataFrame({"row": words.owner().astype(np.uint32), "word": spelt.gather(words.values)})
    made = said.group_by("row", maintain_order=True).agg(pl.col("word").str.join(""))
    rows = pl.DataFrame({"row": np.arange(len(words.ends), dtype=np.uint32)})
    return rows.join(made, on="row", how="left", maintain_order="left")["word"].fill_null("").rename("street")
