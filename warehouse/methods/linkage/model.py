"""Fellegi-Sunter: what each level of agreement weighs, and how the records themselves teach it.

Belongs here: agreement of matches (m) by expectation maximisation with chances (u) given, weights, probability. Does not:
how levels come about, or what is done with a probability.

weight = log2(m / u) per comparison; their sum plus log2(prior odds) is a pair's weight w; probability = 2^w / (1 + 2^w)
(Fellegi and Sunter 1969; expectation maximisation after Winkler 1988). u is that of the value agreed on where its rarity
is known, so it comes per pair, as bits (-log2 u).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.linkage.settings import LEVELS, MISSING, LinkageSettings

Floats = npt.NDArray[np.float64]
ROUNDS, SETTLED = 50, 1e-4
# Comparisons whose stronger levels are never rarer among matches than weaker ones. Without that, records that are not in
# the register at all would teach that matches share one word and no more.
ORDERED = ("name",)
COMPARISONS = tuple(LEVELS)


@dataclass(frozen=True)
class LinkageModel:
    """m per comparison and level, and the share of records expected to have a partner."""

    same_company: Mapping[str, Floats]
    match_share: float

    @classmethod
    def assumed(cls, settings: LinkageSettings) -> LinkageModel:
        """What is assumed before any record has been compared."""
        given = settings.same_company
        return cls({c: np.array([given[c][name] for name in LEVELS[c]]) for c in COMPARISONS}, settings.match_share)

    def frame(self) -> pl.DataFrame:
        """comparison, level, probability; the share as comparison ``match_share``. To be kept."""
        rows = [
            (c, name, float(p)) for c in COMPARISONS for name, p in zip(LEVELS[c], self.same_company[c], strict=True)
        ]
        rows.append(("match_share", "", self.match_share))
        return pl.DataFrame(
            rows, schema={"comparison": pl.String, "level": pl.String, "probability": pl.Float64}, orient="row"
        )

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> LinkageModel:
        """Take up a kept model."""
        known = {(c, level): p for c, level, p in frame.select("comparison", "level", "probability").iter_rows()}
        tables = {c: np.array([known[c, name] for name in LEVELS[c]]) for c in COMPARISONS}
        return cls(tables, known["match_share", ""])

    def prior_bits(self, rows: int) -> float:
        """log2 of the odds that a given register row is the partner, before anything is compared."""
        return float(np.log2(self.match_share / (1 - self.match_share) / max(rows, 1)))

    def weights(self, levels: npt.NDArray[np.uint8], chance_bits: npt.NDArray[np.floating]) -> Floats:
        """Bits per pair and comparison; 0 where a side says nothing. Stronger levels never weigh less than weaker ones.

        Args:
            levels: pairs x comparisons (order of ``COMPARISONS``).
            chance_bits: the same shape, -log2 of the chance of that agreement.
        """
        agreement = np.zeros(levels.shape)
        for i, name in enumerate(COMPARISONS):
            table = np.append(np.log2(self.same_company[name]), 0.0)
            agreement[:, i] = table[np.minimum(levels[:, i], len(table) - 1)]
        return np.where(levels == MISSING, 0.0, agreement + chance_bits)

    def totals(self, levels: npt.NDArray[np.uint8], chance_bits: npt.NDArray[np.floating]) -> Floats:
        """Sum of ``weights`` per pair, added up comparison by comparison."""
        total = np.zeros(len(levels))
        for i, name in enumerate(COMPARISONS):
            table = np.append(np.log2(self.same_company[name]), 0.0)
            level = levels[:, i]
            total += np.where(level == MISSING, 0.0, table[np.minimum(level, len(table) - 1)] + chance_bits[:, i])
        return total


def probability(weight: npt.NDArray[np.floating]) -> Floats:
    """2^w / (1 + 2^w), without overflow."""
    return 1 / (1 + np.exp2(np.clip(-weight, -1000, 1000)))


def exclusive(weight: Floats, group: npt.NDArray[np.integer], groups: int) -> Floats:
    """P(pair is the match) where at most one pair of a group is: odds / (1 + sum of the group's odds)."""
    odds = np.exp2(np.clip(weight, -300, 300))
    return odds / (1 + np.bincount(group, odds, groups))[group]


def estimate(
    levels: npt.NDArray[np.uint8],
    chance_bits: npt.NDArray[np.floating],
    group: npt.NDArray[np.integer],
    groups: int,
    rows: int,
    start: LinkageModel,
    assumption_weight: float,
    share_min: float = 0.0,
) -> LinkageModel:
    """m and the share of records with a partner by expectation maximisation; u is given by ``chance_bits`` and stays.

    Pairs that were never candidates count as different. ``group``: the record each pair belongs to, 0 to groups - 1; at most
    one pair of a group is the match. ``rows``: register rows, so that each has the same chance before. ``start`` is also
    held against as ``assumption_weight`` matches, so that few records cannot teach nonsense. ``share_min``: what rules that
    hardly err have found already (``found_by_rule``).
    """
    model = start
    if not len(levels):
        return start
    # Pairs of equal levels differ by their chances only: few patterns stand for all pairs.
    patterns, pattern = _patterns(levels)
    known = np.zeros(len(levels))
    for i in range(levels.shape[1]):
        known += np.where(levels[:, i] == MISSING, 0.0, chance_bits[:, i])
    none = np.zeros(patterns.shape)
    for _ in range(ROUNDS):
        weight = model.weights(patterns, none).sum(axis=1)[pattern] + known + model.prior_bits(rows)
        chance = exclusive(weight, group, groups)
        matches = np.bincount(pattern, chance, len(patterns))
        tables = {}
        for i, name in enumerate(COMPARISONS):
            said = patterns[:, i] != MISSING
            found = np.bincount(patterns[said, i], matches[said], len(LEVELS[name]))
            found = found + assumption_weight * start.same_company[name]
            tables[name] = (rising(found) if name in ORDERED else found) / found.sum()
        share = (chance.sum() + assumption_weight * start.match_share) / (groups + assumption_weight)
        after = LinkageModel(tables, float(np.clip(share, max(share_min, 1e-6), 1 - 1e-6)))
        moved = max(np.abs(after.same_company[c] - model.same_company[c]).max() for c in COMPARISONS)
        model = after
        if moved < SETTLED:
            break
    return model


def _patterns(levels: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp]]:
    """Distinct rows, and which of them each row is."""
    packed = np.zeros(len(levels), dtype=np.uint64)
    for i in range(levels.shape[1]):
        packed = packed << np.uint64(8) | levels[:, i].astype(np.uint64)
    _, example, pattern = np.unique(packed, return_index=True, return_inverse=True)
    return levels[example], pattern


def rising(values: Floats) -> Floats:
    """The nearest sequence (least squares) that never falls: max over beginnings of min over ends of the means between.

    Barlow and others 1972, min-max formula. SciPy has the same, but takes half a second and forty megabytes to import."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    count = len(values)
    return np.array([
        max(min((sums[k + 1] - sums[j]) / (k + 1 - j) for k in range(i, count)) for j in range(i + 1)) for i in range(count)
    ])  # fmt: skip


def found_by_rule(levels: npt.NDArray[np.uint8], group: npt.NDArray[np.integer], groups: int) -> float:
    """Share of records with exactly one candidate of equal name that nothing speaks against: form, extra words, place."""
    level = {c: levels[:, i].astype(np.int64) for i, c in enumerate(COMPARISONS)}
    agree = level["name"] == len(LEVELS["name"]) - 1
    for name, least in (("form", "same"), ("extra", "none"), ("place", "town")):
        # MISSING is greater than every level: silence does not speak against.
        agree &= level[name] >= LEVELS[name].index(least)
    return float((np.bincount(group[agree], minlength=max(groups, 1)) == 1).mean())
