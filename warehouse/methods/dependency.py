"""Dependency scores of companies: a raw indicator (a share, a count) on its fixed curve.

Belongs here: the score of one indicator. Does not: the breakpoints themselves (scores of the region folder), the
choice of indicators, and the flagging of imputed answers.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from warehouse.methods.breakpoints import as_breakpoints, piecewise_score


def dependency_score(values: pl.Series, breakpoints: Iterable[Sequence[float]]) -> pl.Series:
    """0 to 100 by piecewise-linear [(x, score), ...], clipped at both ends; NULL or NaN in, NULL out."""
    curve = as_breakpoints(breakpoints, where=f"breakpoints of '{values.name}'")
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return pl.Series(values.name, piecewise_score(numbers, curve), dtype=pl.Float64).fill_nan(None)
