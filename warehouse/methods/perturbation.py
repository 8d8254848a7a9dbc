"""Rank intervals: how far a rank moves when the weights of a score move.

Belongs here: variants of a weight vector and ranks under them. Does not: any score.
"""

from collections.abc import Sequence

import numpy as np

from warehouse.methods.arrays import FloatArray, IntArray

# Scores closer than this are one score: the rest is rounding and must not order anything.
SCORE_DECIMALS = 9


def weight_variants(weights: Sequence[float], share: float) -> FloatArray:
    """The weights as given, then each one alone up and down by `share`; every row sums to 1."""
    base = np.asarray(weights, dtype=np.float64)
    variants = [base]
    for index in range(len(base)):
        for factor in (1 + share, 1 - share):
            moved = base.copy()
            moved[index] *= factor
            variants.append(moved)
    table = np.stack(variants)
    return table / table.sum(axis=1, keepdims=True)


def top_with_rank_interval(scores: FloatArray, top: int) -> tuple[IntArray, IntArray, IntArray]:
    """(positions of the best by the first row, their best rank, their worst rank) for scores[V,n] without NaN.

    The columns must stand in tie-break order: of equal scores the earlier column ranks first, in every row. Ranks count
    from 1 over all columns, so position i of the result has rank i + 1 in the first row.
    """
    chosen = np.argsort(-np.round(scores[0], SCORE_DECIMALS), kind="stable")[:top].astype(np.int64)
    ranks = ranks_under(scores, chosen)
    return chosen, ranks.min(axis=0), ranks.max(axis=0)


def best_of(scores: FloatArray, count: int) -> IntArray:
    """Positions of the `count` best of scores[n], and of all that tie with the last of them, in ascending order."""
    table = np.round(scores, SCORE_DECIMALS)
    if table.size <= count:
        return np.arange(table.size)
    return np.flatnonzero(table >= np.partition(table, table.size - count)[table.size - count])


def ranks_under(scores: FloatArray, chosen: IntArray) -> IntArray:
    """Ranks[V,k] of the columns `chosen`[k] among all columns of scores[V,n], row by row; ties as above."""
    ranks = np.empty((scores.shape[0], len(chosen)), dtype=np.int64)
    for variant, row in enumerate(np.round(scores, SCORE_DECIMALS)):
        own = row[chosen]
        # Sorting once and searching is far cheaper than comparing every target with every candidate.
        ascending = np.sort(row)
        not_better = np.searchsorted(ascending, own, side="right")
        ranks[variant] = 1 + row.size - not_better
        tied = np.flatnonzero(not_better - np.searchsorted(ascending, own, side="left") > 1)
        for position in tied:
            ranks[variant, position] += np.count_nonzero(row[: chosen[position]] == own[position])
    return ranks
