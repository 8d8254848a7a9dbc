"""The register side, prepared once: normal forms, words, blocking index, chances of agreement. Kept by the caller.

Belongs here: the frames it can be kept as, and taking them up again. Does not: preparing (``prepare``), writing, or what is
linked to it. Kept as Arrow IPC and mapped into memory, only what is looked at is read; Parquet is read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.methods.linkage.ragged import Ragged
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import Vocabulary
from warehouse.methods.linkage.wordbook import texts_of

FRAMES = ("rows", "row_words", "index", "words", "spellings", "streets", "counts", "chances", "facts", "texts")
# A register of few rows cannot show that a name is rare: values are taken to be drawn from at least so many companies.
POPULATION_MIN = 1_000
TEXTS_AT_A_TIME = 1 << 15


def population(rows: int) -> int:
    """Companies that a register of so many rows stands for."""
    return max(rows, POPULATION_MIN)


@dataclass(frozen=True)
class PreparedRegister:
    """A register ready for comparing. ``frames`` and ``from_frames`` keep and take it up.

    ``fields``: arrays in the register's order, those of ``records.FIELDS``, ``core_rows`` and ``joined_rows`` (how many
    rows share the name), ``word_end``. ``row_words``: word ids of the rows behind one another. ``index``: see ``index``.
    """

    fields: Mapping[str, npt.NDArray[Any]]
    row_words: npt.NDArray[np.uint32]
    index: npt.NDArray[np.uint64]
    words: pl.DataFrame
    spellings: pl.DataFrame
    streets: pl.DataFrame  # key (u64), street: distinct streets, by place; the first is none
    counts: (
        pl.DataFrame
    )  # kind, value, rows: how many rows have a postcode, town or form, or are expected to share a name
    chances: pl.DataFrame  # comparison, level, bits, chance: P(level | different companies); bits for names only
    facts: pl.DataFrame  # one row: method_version, first_rare
    texts: pl.LazyFrame = field(repr=False)  # record_id, name

    def frames(self) -> Mapping[str, pl.DataFrame]:
        """The frames by name, to be kept. Each is made when it is asked for, so that not all are there at a time."""
        return _Frames(self)

    def lazy_frames(self) -> Mapping[str, pl.LazyFrame]:
        """The same to be written as a stream, so that ids and names are never there as a whole."""
        return {name: self.texts if name == "texts" else self.frames()[name].lazy() for name in FRAMES}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame], settings: LinkageSettings) -> PreparedRegister:
        """Take up kept frames; refuse those of another version of the method, whose keys mean something else."""
        missing = [name for name in FRAMES if name not in frames]
        if missing:
            raise KettenwerkError(
                f"frames are missing: {', '.join(missing)}", where="prepared register", todo="prepare it anew"
            )
        version = frames["facts"]["method_version"][0]
        if version != settings.method_version:
            raise KettenwerkError(
                f"it was prepared by version {version}", where="prepared register",
                expected=f"version {settings.method_version}", todo="prepare it anew",
            )  # fmt: skip
        return cls(
            {column.name: column.to_numpy() for column in frames["rows"]},
            frames["row_words"]["row_words"].to_numpy(),
            frames["index"]["index"].to_numpy(),
            words=frames["words"],
            spellings=frames["spellings"],
            streets=frames["streets"],
            counts=frames["counts"],
            chances=frames["chances"],
            facts=frames["facts"],
            texts=frames["texts"].lazy(),
        )

    @property
    def rows(self) -> int:
        return len(self.fields["form"])

    @property
    def first_rare(self) -> int:
        """Word ids from here on are rare: a blocking key of their own."""
        return self.facts["first_rare"][0]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.words, self.spellings)

    @cached_property
    def spelt(self) -> pl.Series:
        """Word by id."""
        return pl.concat([pl.Series("word", [""]), self.words["word"]])

    @property
    def street_keys(self) -> npt.NDArray[np.uint64]:
        return self.streets["key"].to_numpy()

    def words_of(self, rows: npt.NDArray[np.integer]) -> Ragged:
        """Word ids of some rows, in the order of the names."""
        return Ragged(self.row_words, self.fields["word_end"]).rows(rows)

    def joined_of(self, rows: npt.NDArray[np.integer]) -> pl.Series:
        """Names of some rows in loose spelling without blanks."""
        return texts_of(self.words_of(rows), self.spelt)

    def texts_of(self, rows: pl.Series) -> pl.DataFrame:
        """record_id and name of some rows, read a part of the register at a time."""
        asked = pl.DataFrame({"row": rows}).with_row_index("at").sort("row")
        found = [pl.DataFrame(schema={"at": pl.UInt32, "record_id": pl.String, "name": pl.String})]
        for start in range(0, self.rows, TEXTS_AT_A_TIME):
            own = asked.filter(pl.col("row").is_between(start, start + TEXTS_AT_A_TIME, closed="left"))
            if own.height:
                part = self.texts.slice(start, TEXTS_AT_A_TIME).collect()
                # A few texts taken out of a column would hold all of it, so they are written down anew.
                taken = part[own["row"] - start]
                found.append(pl.DataFrame([own["at"], *(pl.Series(c.name, c.to_list(), pl.String) for c in taken)]))
        return pl.concat(found).sort("at").drop("at")


class _Frames(Mapping[str, pl.DataFrame]):
    def __init__(self, register: PreparedRegister) -> None:
        self._register = register

    def __len__(self) -> int:
        return len(FRAMES)

    def __iter__(self) -> Iterator[str]:
        return iter(FRAMES)

    def __getitem__(self, name: str) -> pl.DataFrame:
        register = self._register
        if name == "rows":
            return pl.DataFrame(dict(register.fields))
        if name in ("row_words", "index"):
            return pl.DataFrame({name: getattr(register, name)})
        if name == "texts":
            return register.texts.collect()
        if name in FRAMES:
            return getattr(register, name)
        raise KeyError(name)
