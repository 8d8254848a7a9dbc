"""All candidate pairs of a set of records, compared part by part; the best of each record kept.

Belongs here: the order of work and its bounds on memory. Does not: levels (``comparison``, ``name_comparison``), how rare
a value is (``rarity``) or weights (``model``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.methods.linkage.candidates import Left, candidate_pairs
from warehouse.methods.linkage.comparison import READ, form_table, levels_beside_name
from warehouse.methods.linkage.model import COMPARISONS, LinkageModel
from warehouse.methods.linkage.name_comparison import name_levels
from warehouse.methods.linkage.rarity import Rarity
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.settings import LinkageSettings

# Records whose candidates are compared at a time (about a hundred each): bounds memory whatever the number of records.
RECORDS_AT_A_TIME = 1_000
# How many register rows share a value, as ``rarity`` reads it.
COUNTED = ("name_bits", "core_rows", "joined_rows", "town_rows", "register_number_rows")


@dataclass(frozen=True)
class Compared:
    """Pairs in order of the left row. ``levels`` and ``chance_bits``: pairs x comparisons, see ``model``."""

    left: npt.NDArray[np.uint32]
    right: npt.NDArray[np.uint32]
    levels: npt.NDArray[np.uint8]
    chance_bits: npt.NDArray[np.float32]
    compared: int  # pairs compared in all, before the best were kept


def compare(left: Left, register: PreparedRegister, settings: LinkageSettings, model: LinkageModel) -> Compared:
    """Compare every record with its candidates and keep the best `candidates_per_record` of each under ``model``."""
    rarity, forms = Rarity(register, settings), form_table(settings)
    information = register.vocabulary.information(population(register.rows))
    parts, compared = [_nothing()], 0
    for start in range(0, left.records.height, RECORDS_AT_A_TIME):
        part = left.part(start, RECORDS_AT_A_TIME)
        at, right = candidate_pairs(part, register)
        compared += len(at)
        name, name_bits = name_levels(part, right, at, register, information)
        beside = register.records[right].select(*READ, "street", *COUNTED)
        levels = {"name": name, **levels_beside_name(part.records[at], beside, forms)}
        bits = rarity.bits(levels, beside, name_bits)
        matrix = np.column_stack([levels[c] for c in COMPARISONS])
        best = _best(at, model.weights(matrix, bits).sum(axis=1), settings.candidates_per_record)
        parts.append(Compared(at[best] + np.uint32(start), right[best], matrix[best], bits[best], 0))
    return Compared(
        np.concatenate([p.left for p in parts]),
        np.concatenate([p.right for p in parts]),
        np.concatenate([p.levels for p in parts]),
        np.concatenate([p.chance_bits for p in parts]),
        compared,
    )


def _nothing() -> Compared:
    none = np.zeros(0, np.uint32)
    shape = (0, len(COMPARISONS))
    return Compared(none, none, np.zeros(shape, np.uint8), np.zeros(shape, np.float32), 0)


def _best(group: npt.NDArray[np.uint32], weight: npt.NDArray[np.floating], most: int) -> npt.NDArray[np.intp]:
    """Places of the heaviest pairs of each group, heaviest first; the register's order decides between equals."""
    order = np.lexsort((np.arange(len(group)), -weight, group))
    sorted_group = group[order]
    return order[np.arange(len(order)) - np.searchsorted(sorted_group, sorted_group) < most]
