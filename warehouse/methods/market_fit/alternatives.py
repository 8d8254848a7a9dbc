"""What a target's figures might also have been: other years, and other values where a figure is missing.

Belongs here: alternative sets of input points, from which ranks get their interval. Does not: the weights (perturbation), the
components or the ranking. Nothing is drawn at random: three years have only ten samples with replacement, so all are taken,
and equal input gives equal intervals.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from warehouse.methods.arrays import FloatArray

# The newest year and the two before it: what is older says little about the market of today.
YEARS = 3
Points = Mapping[str, FloatArray]
ALTERNATIVE_COUNT = len(list(combinations_with_replacement(range(YEARS), YEARS))) + 2


def alternatives(newest: Points, earlier: Sequence[Points], gap_quantile: float) -> list[Points]:
    """`ALTERNATIVE_COUNT` sets of points beside the newest: every sample of the years, then every gap filled low and high.

    Args:
        newest: input > points[n], NaN where missing.
        earlier: the same for the years before, newest first; NaN where a target was not seen in that year.
        gap_quantile: a missing figure is taken as this quantile of the known ones, and as one minus it.
    """
    years = [newest, *earlier[: YEARS - 1]]
    sampled = [
        {name: _mean_of_draw([year[name] for year in years], draw, newest[name]) for name in newest}
        for draw in combinations_with_replacement(range(YEARS), YEARS)
    ]
    filled = [
        {name: _gaps_as(points, quantile) for name, points in newest.items()}
        for quantile in (gap_quantile, 1 - gap_quantile)
    ]
    return [*sampled, *filled]


def _mean_of_draw(by_year: Sequence[FloatArray], draw: tuple[int, ...], newest: FloatArray) -> FloatArray:
    """Mean over the drawn years that are known; the newest where none is. A gap of the newest year stays a gap."""
    total, known = np.zeros_like(newest), np.zeros_like(newest)
    for position in draw:
        if position < len(by_year):
            there = ~np.isnan(by_year[position])
            total[there] += by_year[position][there]
            known += there
    mean = np.divide(total, known, out=newest.copy(), where=known > 0)
    return np.where(np.isnan(newest), np.nan, mean)


def _gaps_as(points: FloatArray, quantile: float) -> FloatArray:
    known = points[~np.isnan(points)]
    return np.where(np.isnan(points), np.quantile(known, quantile), points) if known.size else points
