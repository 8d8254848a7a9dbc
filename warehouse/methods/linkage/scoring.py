"""The candidate pairs of a set of records, compared part by part.

Belongs here: the order of work and its bounds on memory. Does not: levels (``comparison``, ``name_comparison``), how rare
a value is (``rarity``) or weights (``model``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from warehouse.methods.linkage.candidates import RECORDS_AT_A_TIME, Left, candidate_pairs, hits
from warehouse.methods.linkage.comparison import form_table, levels_beside_name, read
from warehouse.methods.linkage.model import COMPARISONS
from warehouse.methods.linkage.name_comparison import name_levels
from warehouse.methods.linkage.rarity import Rarity
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.settings import LinkageSettings


@dataclass(frozen=True)
class Compared:
    """Pairs in order of the left row. ``levels`` and ``chance_bits``: pairs x comparisons, see ``model``."""

    left: npt.NDArray[np.uint32]
    right: npt.NDArray[np.uint32]
    levels: npt.NDArray[np.uint8]
    chance_bits: npt.NDArray[np.float32]
    compared: int  # pairs compared, were only the best kept since
    met: int  # pairs that share a key, before the best by first impression were compared

    def some(self, kept: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Compared:
        """Some of the pairs."""
        own = (self.left[kept], self.right[kept], self.levels[kept], self.chance_bits[kept])
        return Compared(*own, self.compared, self.met)


def compare(left: Left, register: PreparedRegister, settings: LinkageSettings) -> Compared:
    """Compare every record with its candidates, at most `candidates_per_record` of each."""
    rarity, forms = Rarity(register, settings), form_table(settings)
    information = register.vocabulary.information(population(register.rows))
    found = hits(left, register, settings.key_rows_max)
    streets = left.records.streets, register.streets["street"]
    made, met, end = _room(found.at_most(settings.candidates_per_record)), 0, 0
    for start in range(0, left.rows, RECORDS_AT_A_TIME):
        rows = range(start, min(start + RECORDS_AT_A_TIME, left.rows))
        at, right, of_part = candidate_pairs(found, rows, register, settings.candidates_per_record)
        met += of_part
        name, name_bits = name_levels(left, right, at, register, information)
        sides = read(left.records.fields, left.street_keys, at), read(register.fields, register.street_keys, right)
        levels = {"name": name, **levels_beside_name(*sides, streets, forms)}
        matrix = np.column_stack([levels[c] for c in COMPARISONS])
        own = (at, right, matrix, rarity.bits(levels, right, name_bits))
        for whole, part in zip(made, own, strict=True):
            whole[end : end + len(at)] = part
        end += len(at)
    at, right, matrix, bits = (whole[:end] for whole in made)
    return Compared(at, right, matrix, bits, end, met)


def _room(pairs: int) -> tuple[npt.NDArray[Any], ...]:
    """Arrays of ``Compared`` for at most so many pairs; parts put together afterwards would be there twice."""
    shape = (pairs, len(COMPARISONS))
    return (
        np.empty(pairs, np.uint32),
        np.empty(pairs, np.uint32),
        np.empty(shape, np.uint8),
        np.empty(shape, np.float32),
    )


def best(compared: Compared, weight: npt.NDArray[np.floating], most: int) -> tuple[Compared, npt.NDArray[np.floating]]:
    """The heaviest pairs of each record and their weights, heaviest first; the register's order decides between equals."""
    order = np.lexsort((compared.right, -weight, compared.left))
    group = compared.left[order]
    kept = order[np.arange(len(order)) - np.searchsorted(group, group) < most]
    return compared.some(kept), weight[kept]
