"""How often two different companies agree by chance: u of Fellegi and Sunter, from random pairs of register rows.

Belongs here: drawing pairs, counting levels. Does not: agreement of matches (``model``), or rarity of single values, which
replaces these averages where two records agree on a value (postcode, town, name).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.candidates import candidate_pairs, hits, placed
from warehouse.methods.linkage.comparison import form_table, levels_beside_name, read
from warehouse.methods.linkage.name_comparison import name_levels
from warehouse.methods.linkage.records import FIELDS, Records
from warehouse.methods.linkage.register import PreparedRegister, population
from warehouse.methods.linkage.settings import LEVELS, MISSING, LinkageSettings

SCHEMA = {"comparison": pl.String, "level": pl.String, "bits": pl.Int32, "chance": pl.Float64}
PAIRS, NAMES, SEED = 200_000, 1_000, 20_261
# Of the names looked up, so many at a time: each meets hundreds.
NAMES_AT_A_TIME = 50
# Levels at which names agree in part; equal names are as frequent as they are.
COUNTED_NAME_LEVELS = (1, 2, 3)
# Neighbours in postcode order: streets are compared within one place only, so their chance is taken there.
NEIGHBOURS = 20


def field_chances(register: PreparedRegister, settings: LinkageSettings) -> pl.DataFrame:
    """comparison, level, bits (NULL), chance: P(level | both say something, different companies), for all but the name.

    The same pairs are drawn for the same number of rows. Every level keeps a small chance, half a pair.
    """
    random = np.random.default_rng(SEED)
    count = register.rows
    pairs = min(PAIRS, count * count)
    first, second = (random.integers(0, max(count, 1), pairs) for _ in range(2))
    forms, street = form_table(settings), register.streets["street"]

    def levels_of(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> dict[str, npt.NDArray[np.uint8]]:
        a, b = (read(register.fields, register.street_keys, rows) for rows in (one, other))
        return levels_beside_name(a, b, (street, street), forms)

    apart = first != second
    levels = levels_of(first[apart], second[apart])
    order = np.argsort(register.fields["postcode"], kind="stable")
    at = np.arange(min(count, PAIRS // 4)) * max(count // max(min(count, PAIRS // 4), 1), 1)
    other = at + random.integers(1, NEIGHBOURS + 1, len(at))
    at, other = at[other < count], other[other < count]
    levels["street"] = levels_of(order[at], order[other])["street"]
    counted = [
        (comparison, name, None, share)
        for comparison in LEVELS
        if comparison != "name"
        for name, share in zip(LEVELS[comparison], shares(levels[comparison], len(LEVELS[comparison])), strict=True)
    ]
    return pl.DataFrame(counted, schema=SCHEMA, orient="row")


def name_chances(register: PreparedRegister, key_rows_max: int) -> pl.DataFrame:
    """How often the name of another company agrees at a level and shares at least so many bits: rows like field_chances.

    Some rows of the register are looked up in the register itself; whatever they meet but themselves is chance. Names that
    agree in part are common among relatives, so counting says more here than rarity of words alone.
    """
    random = np.random.default_rng(SEED)
    chosen = np.sort(random.choice(register.rows, min(NAMES, register.rows), replace=False)).astype(np.uint32)
    fields = {name: register.fields[name][chosen] for name in FIELDS}
    left = placed(Records(fields, register.words_of(chosen), register.spelt, register.streets["street"]), register)
    found, information = hits(left, register, key_rows_max), register.vocabulary.information(population(register.rows))
    steps = int(np.ceil(np.log2(population(register.rows)))) + 1
    seen = np.zeros((len(LEVELS["name"]), steps + 1), np.int64)
    for start in range(0, left.rows, NAMES_AT_A_TIME):
        rows = range(start, min(start + NAMES_AT_A_TIME, left.rows))
        at, right, _ = candidate_pairs(found, rows, register, None)
        strangers = chosen[at] != right
        level, bits = name_levels(left, right[strangers], at[strangers], register, information)
        for number in COUNTED_NAME_LEVELS:
            shared = np.minimum(bits[level == number].astype(np.int64), steps)
            seen[number] += np.bincount(shared, minlength=steps + 1)
    pairs = max(len(chosen), 1) * population(register.rows)
    counted = []
    for number in COUNTED_NAME_LEVELS:
        at_least = (seen[number][::-1].cumsum()[::-1] + 0.5) / pairs
        counted += [("name", LEVELS["name"][number], i, float(chance)) for i, chance in enumerate(at_least)]
    return pl.DataFrame(counted, schema=SCHEMA, orient="row")


def shares(levels: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.float64]:
    """Share of each level among the pairs that say something, half a pair added to each."""
    found = np.bincount(levels[levels != MISSING], minlength=count).astype(np.float64) + 0.5
    return found / found.sum()
