"""Score curves: a raw indicator becomes 0 to 100 by fixed, documented breakpoints.

Belongs here: the piecewise-linear curve and the check of its points. Does not: percentiles or any other scale that
moves with the data, because scores of two waves or refreshes must be comparable; and no points of any indicator.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from warehouse.errors import SettingsError
from warehouse.methods.arrays import FloatArray

Breakpoints = tuple[tuple[float, float], ...]


def as_breakpoints(points: Iterable[Sequence[float]], where: str = "breakpoints") -> Breakpoints:
    """Check and freeze [(x, score), ...]: x rises strictly, scores lie in 0..100 and run in one direction."""
    try:
        curve = tuple((float(x), float(score)) for x, score in points)
    except (TypeError, ValueError):
        raise SettingsError(
            "the points cannot be read", where=where, expected="a list of [x, score] pairs of numbers"
        ) from None
    table = np.asarray(curve, dtype=np.float64).reshape(-1, 2)
    steps = np.diff(table[:, 1])
    if len(curve) < 2 or not np.isfinite(table).all() or (np.diff(table[:, 0]) <= 0).any():
        raise SettingsError(
            f"the points are {list(curve)}",
            where=where,
            expected="at least two finite points, x rising strictly",
        )
    if (table[:, 1] < 0).any() or (table[:, 1] > 100).any() or ((steps > 0).any() and (steps < 0).any()):
        raise SettingsError(
            f"the scores are {table[:, 1].tolist()}",
            where=where,
            expected="0 to 100, only rising or only falling",
        )
    return curve


def piecewise_score(values: FloatArray, curve: Breakpoints, *, log_scaled: bool = False) -> FloatArray:
    """Interpolate linearly between the points (on log10 x where asked), level beyond the ends, NaN stays NaN."""
    table = np.asarray(curve, dtype=np.float64)
    x, points = np.asarray(values, dtype=np.float64), table[:, 0]
    if log_scaled:
        # Values at or below zero lie left of every point, whose x are positive on a log scale.
        x, points = np.log10(np.maximum(x, points[0])), np.log10(points)
    return np.where(np.isnan(x), np.nan, np.interp(x, points, table[:, 1]))
