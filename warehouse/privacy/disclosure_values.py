"""Which means and shares of a cube stay blank, so that those of hidden cells cannot be computed from the others.

Belongs here: means and shares that speak of every company by themselves, the cover the others need, and the loop with
the audit of values. Does not belong here: which counts are hidden (``disclosure``) or the reader's programmes
(``disclosure_values_audit``).

Means come first: what a reader of counts and means knows is made safe by blanking means. Only then shares, so that
whatever a reader of all three still learns is due to a share and is cured by blanking one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray
from warehouse.privacy.disclosure import NONE, PRIMARY_N, SECONDARY
from warehouse.privacy.disclosure_cube import Cube, DisclosureError, build_cube
from warehouse.privacy.disclosure_values_audit import (
    TOP_SCORE,
    Published,
    recovered_cells,
    rounded_per,
    with_told_counts,
)


@dataclass(frozen=True)
class ValueRules:
    """Limits for means (0 to 100) and shares; a score is high from ``high_from`` on, a count is small below ``k``.

    range_min: points between the highest and lowest score of a cell below which its mean is everybody's score.
    high_min: least number of high and of other companies behind a published share; with 2, a blank share says that at
    most one is high or at most one is not, never that none is.
    """

    k: int = 5
    high_from: float = 70.0
    range_min: float = 10.0
    high_min: int = 2
    protection: float = 0.2


def protect_values(cells: pl.DataFrame, dimensions: list[str], rules: ValueRules, blank: pl.DataFrame | None = None) -> pl.DataFrame:  # fmt: skip
    """Add ``published_mean`` and ``published_share`` (percent), rounded to one decimal, blank where they must be.

    cells: one cube (one wave, one driver) with company_count, score_sum, high_count, score_range (points) and the
    ``suppression_code`` its counts got; every company counts once.
    blank: cells, by the dimensions, whose ``mean`` and ``share`` (true, false) must be blank anyway.
    """
    cube = build_cube(cells, dimensions, "company_count")
    of_cell = _reader(cells, cube)
    code = cells["suppression_code"].to_numpy()[cube.row_of_cell]
    count = cube.count
    score_sum, high_count = of_cell("score_sum"), of_cell("high_count")
    state = Published(
        cube=cube,
        score_sum=score_sum,
        high_count=high_count,
        mean=rounded_per(score_sum, count),
        share=rounded_per(100 * high_count, count),
        is_small=_padded(code == PRIMARY_N, cube, True),
        is_cover=_padded(code == SECONDARY, cube, False),
        count_hidden=_padded(code != NONE, cube, True),
        mean_hidden=np.ones(len(count), dtype=np.bool_),
        share_hidden=np.ones(len(count), dtype=np.bool_),
        k=rules.k,
        high_from=rules.high_from,
        protection=rules.protection,
    )
    state = with_told_counts(state)
    kept = _kept_blank(cells, dimensions, blank, cube)
    tells = (of_cell("score_range") < rules.range_min) | _is_near_top(state, rules)
    state = _made_safe(replace(state, mean_hidden=state.count_hidden | (count == 0) | tells | kept[0]), "mean_hidden")
    few = (state.high_count < rules.high_min) | (count - state.high_count < rules.high_min)
    state = _made_safe(replace(state, share_hidden=state.count_hidden | (count == 0) | few | kept[1]), "share_hidden")
    mean, share = np.full(cells.height, np.nan), np.full(cells.height, np.nan)
    end = cube.published_count
    mean[cube.row_of_cell] = np.where(state.mean_hidden[:end], np.nan, state.mean[:end])
    share[cube.row_of_cell] = np.where(state.share_hidden[:end], np.nan, state.share[:end])
    return cells.with_columns(
        published_mean=pl.Series(mean).fill_nan(None), published_share=pl.Series(share).fill_nan(None)
    )


def _reader(cells: pl.DataFrame, cube: Cube) -> Callable[[str], FloatArray]:
    def of_cell(name: str) -> FloatArray:
        values = cells[name].cast(pl.Float64)
        if values.null_count() or not values.is_finite().all():
            raise DisclosureError("a cell has no value", where=name, expected="a number in every cell")
        out = np.zeros(len(cube.count))
        out[: cube.published_count] = values.to_numpy()[cube.row_of_cell]
        return out

    return of_cell


def _padded(values: BoolArray, cube: Cube, default: bool) -> BoolArray:
    """Values of published cells, and a default for margins that nobody publishes."""
    out = np.full(len(cube.count), default, dtype=np.bool_)
    out[: cube.published_count] = values
    return out


def _kept_blank(
    cells: pl.DataFrame, dimensions: list[str], blank: pl.DataFrame | None, cube: Cube
) -> tuple[BoolArray, BoolArray]:
    if blank is None or blank.is_empty():
        nothing = np.zeros(len(cube.count), dtype=np.bool_)
        return nothing, nothing
    keys = cells.select(pl.col(dimensions).cast(pl.String))
    joined = keys.join(blank, on=dimensions, how="left", maintain_order="left")
    mean, share = (joined[c].fill_null(False).to_numpy()[cube.row_of_cell] for c in ("mean", "share"))
    return _padded(mean, cube, False), _padded(share, cube, False)


def _is_near_top(state: Published, rules: ValueRules) -> BoolArray:
    """Means so high that everybody's score lies near the top: n x mean leaves each at least the sum less n - 1 tops."""
    floor = state.score_sum - TOP_SCORE * (state.cube.count - 1)
    return floor >= (1 - rules.protection) * TOP_SCORE


def _made_safe(state: Published, measure: str) -> Published:
    """Blank more of one measure until the audit recovers nothing.

    Raises:
        DisclosureError: everything is blank and something still shows; the counts alone say it.
    """
    while True:
        failing = recovered_cells(state)
        if not failing:
            return state
        hidden: BoolArray = getattr(state, measure).copy()
        _widen(state.cube, hidden, failing)
        if (hidden == getattr(state, measure)).all():
            raise DisclosureError(
                f"{len(failing)} cells stay recoverable", where=measure, todo="publish fewer dimensions"
            )
        state = replace(state, **{measure: hidden})


def _widen(cube: Cube, hidden: BoolArray, failing: set[int]) -> None:
    """Blank one figure beside each failing cell, the one of fewest companies, at most one per line and round."""
    touched: set[int] = set()
    for cell in sorted(failing, key=lambda c: (int(cube.count[c]), c)):
        numbers = set(cube.lines_of_cell.get(cell, ()))
        if touched & numbers:
            continue
        reach = {cell}
        while (cover := _least(cube.count, hidden, reach)) is None:
            around = reach.union(*(cube.lines[n].cells for c in reach for n in cube.lines_of_cell.get(c, ())))
            if around == reach:
                break
            reach = around
        if cover is not None:
            hidden[cover] = True
            touched |= set(cube.lines_of_cell.get(cover, ())) | numbers


def _least(count: IntArray, hidden: BoolArray, cells: set[int]) -> int | None:
    return min((c for c in cells if not hidden[c]), key=lambda c: (int(count[c]), c), default=None)
