"""How rare what two records agree on is: -log2 of the chance that a row of another company agrees as they do.

Belongs here: replacing average chances by those of the value agreed on (methods of term frequency). Does not: averages
(``chances``), levels, or agreement of matches (``model``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.chances import COUNTED_NAME_LEVELS
from warehouse.methods.linkage.hashing import combined
from warehouse.methods.linkage.index import looked_up
from warehouse.methods.linkage.keys import REGISTER
from warehouse.methods.linkage.model import COMPARISONS
from warehouse.methods.linkage.records import ROWS_AT_A_TIME
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.settings import LEVELS, LinkageSettings

U8, Bits = npt.NDArray[np.uint8], npt.NDArray[np.float32]
# An identifier of another company agrees only by a slip that happens to hit it: about once in a hundred million pairs.
IDENTIFIER_BITS = 27.0
# Good-Turing: up to this many rows, and where at least so many values were seen so often.
TURING_MAX, VALUES_MIN = 6, 20
# However rare, a name is taken to come again once in two hundred registers: names are not drawn by lot.
MOST_RARE = 0.005
# Names of more bits (all words together) come again less often, so they are counted apart: bounds of the classes.
NAME_CLASSES = np.array([12, 18, 24, 32])
EQUAL = ("core_rows", "joined_rows")
COUNTS = {"kind": pl.String, "value": pl.Int64, "rows": pl.Float64}


class Rarity:
    """-log2 of the chance that a row of another company agrees as a pair does."""

    def __init__(self, register: PreparedRegister, settings: LinkageSettings) -> None:
        """Count values once per register."""
        rows = population(register.rows)
        known = {(c, level): p for c, level, _, p in register.chances.iter_rows()}
        names = register.chances.filter(pl.col("comparison") == "name").sort("bits")
        self.names = {
            level: -np.log2(names.filter(pl.col("level") == LEVELS["name"][level])["chance"].to_numpy())
            for level in COUNTED_NAME_LEVELS
        }
        self.tables = {
            c: np.append(-np.log2([known[c, name] for name in LEVELS[c]]), 0.0).astype(np.float32)
            for c in COMPARISONS
            if c != "name"
        }
        for identifier in ("register", "lei", "vat"):
            self.tables[identifier][:-1] = 0.0
            self.tables[identifier][-2] = IDENTIFIER_BITS
        counts = {kind: register.counts.filter(pl.col("kind") == kind) for kind in register.counts["kind"].unique()}
        nothing = register.counts.clear()
        self.postcode, self.form = (_table(counts.get(kind, nothing), rows, length) for kind, length in (("postcode", 100_000), ("form", len(settings.form_codes) + 1)))  # fmt: skip
        towns = counts.get("town", nothing)
        self.towns, self.town = towns["value"].to_numpy(), _bits(towns["rows"].to_numpy(), rows)
        self.equal = {
            column: [_table(counts[f"{column}_{c}"], rows, None) for c in range(len(NAME_CLASSES) + 1)]
            for column in EQUAL
        }
        self.rows, self.register = rows, register

    def bits(self, levels: dict[str, U8], right: npt.NDArray[np.uint32], name_bits: Bits) -> Bits:
        """Pairs x comparisons; ``right`` holds the register's row of each pair."""
        fields = self.register.fields
        found = {c: self.tables[c][np.minimum(levels[c], len(LEVELS[c]))] for c in COMPARISONS if c != "name"}
        place, level = levels["place"], LEVELS["place"].index
        at = np.flatnonzero((place == level("postcode")) | (place == level("postcode_town")))
        found["place"][at] = self.postcode[fields["postcode"][right[at]]]
        at = np.flatnonzero(place == level("town"))
        found["place"][at] = self.town[np.searchsorted(self.towns, fields["town"][right[at]])]
        at = np.flatnonzero(levels["form"] == LEVELS["form"].index("same"))
        found["form"][at] = self.form[fields["form"][right[at]]]
        at = np.flatnonzero(levels["register"] == LEVELS["register"].index("number"))
        begin, end = looked_up(combined(REGISTER, fields["number"][right[at]]), self.register.index, self.register.rows)
        found["register"][at] = _bits(end - begin, self.rows)
        found["name"] = self._name(levels["name"], name_bits, right)
        return np.column_stack([found[c] for c in COMPARISONS]).astype(np.float32)

    def _name(self, level: U8, bits: Bits, right: npt.NDArray[np.uint32]) -> Bits:
        """Equal names: as rare as the name. Names equal in part: as their words, but no rarer than was counted."""
        bits = bits.copy()
        for number, counted in self.names.items():
            at = np.flatnonzero(level == number)
            bits[at] = np.minimum(bits[at], counted[np.minimum(bits[at].astype(np.int64), len(counted) - 1)])
        for number, column in ((5, "core_rows"), (4, "joined_rows")):
            at = np.flatnonzero(level == number)
            its_class, seen = name_class(self.register, right[at]), self.register.fields[column][right[at]]
            for c, table in enumerate(self.equal[column]):
                of_class = at[its_class == c]
                bits[of_class] = table[np.minimum(seen[its_class == c], len(table) - 1)]
        return bits


def name_class(register: PreparedRegister, rows: npt.NDArray[np.integer] | None = None) -> npt.NDArray[np.intp]:
    """Class of each row's name by how many bits its words say together; of all rows without ``rows``."""
    information = register.vocabulary.information(population(register.rows)).astype(np.float64)
    if rows is not None:
        words = register.words_of(rows)
        return np.digitize(words.sums(information[words.values]), NAME_CLASSES)
    parts = (np.arange(i, min(i + ROWS_AT_A_TIME, register.rows)) for i in range(0, register.rows, ROWS_AT_A_TIME))
    return np.concatenate([np.zeros(0, np.intp), *(name_class(register, part) for part in parts)])


def name_counts(register: PreparedRegister) -> pl.DataFrame:
    """kind (column and class of the name), value (rows that share the name), rows (expected to share it once more)."""
    its_class = name_class(register)
    counted = []
    for column in EQUAL:
        for c in range(len(NAME_CLASSES) + 1):
            again = np.maximum(expected_again(register.fields[column][its_class == c]), MOST_RARE)
            counted.append(pl.DataFrame([[f"{column}_{c}"] * len(again), np.arange(len(again)), again], COUNTS))
    return pl.concat(counted)


def expected_again(rows_per_value: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """How often a value seen r times is expected in another draw of as many rows, by r (Good 1953, after Turing).

    ``rows_per_value``: for each row, how many rows share its value (0: none). A value seen once is expected less than once,
    because most such values never come again: r* = (r + 1) N_{r+1} / N_r. From `TURING_MAX` on, r itself.
    """
    found = np.bincount(rows_per_value, minlength=TURING_MAX + 2).astype(np.float64)
    values = found / np.maximum(np.arange(len(found)), 1)
    expected = np.arange(len(found), dtype=np.float64)
    for r in range(1, TURING_MAX):
        if values[r] >= VALUES_MIN:
            expected[r] = np.clip((r + 1) * (values[r + 1] + 0.5) / values[r], expected[r - 1], r)
    return expected


def _bits(counts: npt.NDArray[Any], rows: int) -> Bits:
    return np.log2(rows / np.maximum(counts, MOST_RARE)).astype(np.float32)


def _table(counted: pl.DataFrame, rows: int, length: int | None) -> Bits:
    """Bits by value, from 0 on; a value nobody has counts as one that one row has."""
    counted = counted.filter(pl.col("value") >= 0)
    table = np.ones(length or counted.height)
    table[counted["value"].to_numpy()] = counted["rows"].to_numpy()
    return _bits(table, rows)
