"""How rare what two records agree on is: -log2 of the chance that a row of another company agrees as they do.

Belongs here: replacing average chances by those of the value agreed on (methods of term frequency). Does not: averages
(``chances``), levels, or agreement of matches (``model``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.chances import COUNTED_NAME_LEVELS
from warehouse.methods.linkage.model import COMPARISONS
from warehouse.methods.linkage.records import NO_POSTCODE
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
        postcodes = register.records["postcode"].to_numpy()
        self.postcode = _bits(np.bincount(postcodes[postcodes != NO_POSTCODE], minlength=100_000), rows)
        self.form = _bits(
            np.bincount(register.records["form"].to_numpy(), minlength=len(settings.form_codes) + 1), rows
        )
        its_class = np.digitize(register.records["name_bits"].to_numpy(), NAME_CLASSES)
        self.equal = {
            column: [
                np.log2(
                    rows / np.maximum(expected_again(register.records[column].to_numpy()[its_class == c]), MOST_RARE)
                )
                for c in range(len(NAME_CLASSES) + 1)
            ]
            for column in ("core_rows", "joined_rows")
        }
        self.rows = rows

    def bits(self, levels: dict[str, U8], right: pl.DataFrame, name_bits: Bits) -> Bits:
        """Pairs x comparisons; ``right`` holds the register's row of each pair."""
        found = {c: self.tables[c][np.minimum(levels[c], len(LEVELS[c]))] for c in COMPARISONS if c != "name"}
        place, postcode = levels["place"], right["postcode"].to_numpy()
        level = LEVELS["place"].index
        with_code = (place == level("postcode")) | (place == level("postcode_town"))
        found["place"] = np.where(with_code, self.postcode[np.maximum(postcode, 0)], found["place"])
        town = _bits(right["town_rows"].to_numpy(), self.rows)
        found["place"] = np.where(place == level("town"), town, found["place"])
        same_form = levels["form"] == LEVELS["form"].index("same")
        found["form"] = np.where(same_form, self.form[right["form"].to_numpy()], found["form"])
        by_number = levels["register"] == LEVELS["register"].index("number")
        number = _bits(right["register_number_rows"].to_numpy(), self.rows)
        found["register"] = np.where(by_number, number, found["register"])
        found["name"] = self._name(levels["name"], name_bits, right)
        return np.column_stack([found[c] for c in COMPARISONS]).astype(np.float32)

    def _name(self, level: U8, bits: Bits, right: pl.DataFrame) -> Bits:
        """Equal names: as rare as the name. Names equal in part: as their words, but no rarer than was counted."""
        bits = bits.copy()
        for number, counted in self.names.items():
            at = np.flatnonzero(level == number)
            bits[at] = np.minimum(bits[at], counted[np.minimum(bits[at].astype(np.int64), len(counted) - 1)])
        for number, column in ((5, "core_rows"), (4, "joined_rows")):
            at = np.flatnonzero(level == number)
            its_class, seen = np.digitize(right["name_bits"].to_numpy()[at], NAME_CLASSES), right[column].to_numpy()[at]
            for c, table in enumerate(self.equal[column]):
                of_class = at[its_class == c]
                bits[of_class] = table[np.minimum(seen[its_class == c], len(table) - 1)]
        return bits


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


def _bits(counts: npt.NDArray[np.integer], rows: int) -> Bits:
    return np.log2(rows / np.maximum(counts, 1)).astype(np.float32)
