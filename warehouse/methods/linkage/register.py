"""The register side, prepared once: normal forms, words, blocking index, chances of agreement. Kept by the caller.

Belongs here: the frames it can be kept as (Parquet or anything else), and taking them up again. Does not: preparing
(``prepare``), writing, or what is linked to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.errors import KettenwerkError
from warehouse.methods.linkage.settings import LinkageSettings
from warehouse.methods.linkage.vocabulary import WORDS_PER_NAME, Vocabulary

WORD_COLUMNS = tuple(f"word_{i}" for i in range(WORDS_PER_NAME))
FRAMES = ("records", "words", "spellings", "keys", "frequent_keys", "chances", "facts")
# A register of few rows cannot show that a name is rare: values are taken to be drawn from at least so many companies.
POPULATION_MIN = 1_000


def population(rows: int) -> int:
    """Companies that a register of so many rows stands for."""
    return max(rows, POPULATION_MIN)


@dataclass(frozen=True)
class PreparedRegister:
    """A register ready for comparing. Every field is a frame; ``frames`` and ``from_frames`` keep and take it up."""

    records: pl.DataFrame  # a row per record, in the register's order; word_0.. are word ids, *_rows how many share it
    words: pl.DataFrame
    spellings: pl.DataFrame
    keys: pl.DataFrame  # key (u64, sorted), row (u32)
    frequent_keys: pl.DataFrame  # key (sorted), rows: left out of `keys` because too many rows share them
    chances: pl.DataFrame  # comparison, level, bits, chance: P(level | different companies); bits for names only
    facts: pl.DataFrame  # one row: method_version, first_rare

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name, to be kept."""
        return {name: getattr(self, name) for name in FRAMES}

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame], settings: LinkageSettings) -> PreparedRegister:
        """Take up kept frames; refuse those of another version of the method, whose keys mean something else."""
        missing = [name for name in FRAMES if name not in frames]
        if missing:
            raise KettenwerkError(
                f"frames are missing: {', '.join(missing)}", where="prepared register", todo="prepare it anew"
            )
        made = cls(**{name: frames[name] for name in FRAMES})
        version = made.facts["method_version"][0]
        if version != settings.method_version:
            raise KettenwerkError(
                f"it was prepared by version {version}", where="prepared register",
                expected=f"version {settings.method_version}", todo="prepare it anew",
            )  # fmt: skip
        return made

    @property
    def rows(self) -> int:
        return self.records.height

    @property
    def first_rare(self) -> int:
        """Word ids from here on are rare: a blocking key of their own."""
        return self.facts["first_rare"][0]

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.words, self.spellings)

    def word_ids(self, rows: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Word ids of some rows, len(rows) x WORDS_PER_NAME."""
        return np.column_stack([self.records[c].to_numpy()[rows] for c in WORD_COLUMNS])
