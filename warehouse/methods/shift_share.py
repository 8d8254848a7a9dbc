"""Shift-share: what of a region's change is the nation's, the industries' and the region's own (Dunn 1960).

Belongs here: the split between two years and its sum over several (Barff & Knight 1988). Does not: who is the nation; the
totals of the base are the caller's statement.
"""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError

Form = Literal["classic", "homothetic"]


@dataclass(frozen=True, eq=False)
class ShiftShare:
    """Parts of the change per region and industry [R,I], in the unit of the input; they add up to `change`.

    `allocation` is 0 in the classic form. NaN where a cell of the region is unknown.
    """

    change: FloatArray
    national: FloatArray
    industry_mix: FloatArray
    competitive: FloatArray
    allocation: FloatArray
    entry: FloatArray


def _region(given: npt.ArrayLike, dimensions: int) -> FloatArray:
    cells = np.asarray(given, dtype=np.float64)
    if cells.ndim != dimensions or np.isinf(cells).any() or (cells < 0).any():
        raise MethodInputError(
            f"there are {cells.ndim} dimensions, {int((cells < 0).sum())} cells below zero",
            where="region",
            expected=f"{dimensions} dimensions, values >= 0, NaN where secret or unknown",
            todo="pass (years x) regions x industries",
        )
    return cells


def _base(given: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    totals = np.asarray(given, dtype=np.float64)
    if totals.shape != shape or not np.isfinite(totals).all() or (totals < 0).any() or (totals.sum(axis=-1) <= 0).any():
        raise MethodInputError(
            f"its shape is {totals.shape}",
            where="base",
            expected=f"{' x '.join(map(str, shape))} finite values >= 0 with a total above 0",
            todo="pass the published totals of the nation, none of them secret",
        )
    return totals


def shift_share(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    base_before: npt.ArrayLike,
    base_after: npt.ArrayLike,
    *,
    form: Form = "classic",
) -> ShiftShare:
    """E1 - E0 = E0 g + E0 (g_i - g) + E0 (g_ri - g_i) for regions x industries; base totals per industry [I].

    An industry the region did not have (E0 = 0) has no growth rate: what came stands in `entry`, not in `competitive`.
    form='homothetic' (Esteban-Marquillas 1972) splits the last term: `competitive` is what the region would have won
    with the nation's mix of industries, E_r (E_ni / E_n) (g_ri - g_i), and `allocation` the rest.

    Raises:
        MethodInputError: shapes, negative values, or an industry the region had and the base had not (no growth rate).
    """
    start, end = _region(before, 2), _region(after, 2)
    first, last = _base(base_before, start.shape[1:]), _base(base_after, start.shape[1:])
    if end.shape != start.shape or ((start > 0) & (first == 0)).any():
        raise MethodInputError(
            "the two years differ in shape"
            if end.shape != start.shape
            else f"industries {np.flatnonzero(((start > 0) & (first == 0)).any(axis=0))[:10].tolist()} are in the region and not in the base",
            where="shift_share",
            expected="the same regions and industries, each industry of a region also in the base",
            todo="pass the totals of a base that the regions are part of",
        )
    growth = last.sum() / first.sum() - 1
    industry_growth = np.where(first > 0, last / np.where(first > 0, first, 1.0), 1.0) - 1
    change = end - start
    # Unknown in, unknown out: every part of a cell with a secret side is NaN.
    unknown = np.isnan(change)
    is_entry = start == 0
    entry = np.where(is_entry, change, 0.0)
    national = start * growth
    mix = start * (industry_growth - growth)
    own = np.where(is_entry, 0.0, change - national - mix)
    allocation = np.zeros_like(own)
    if form == "homothetic":
        expected = np.nansum(start, axis=1, keepdims=True) * (first / first.sum())
        rate = np.divide(own, start, out=np.zeros_like(own), where=start > 0)
        homothetic = np.where(np.isnan(start).any(axis=1, keepdims=True), np.nan, expected * rate)
        allocation, own = own - homothetic, homothetic
    parts = (change, national, mix, own, allocation, entry)
    return ShiftShare(*(np.where(unknown, np.nan, part) for part in parts))


def dynamic_shift_share(region: npt.ArrayLike, base: npt.ArrayLike, *, form: Form = "classic") -> ShiftShare:
    """The sum of the yearly splits for region[T,R,I] and base[T,I], years in order (Barff & Knight 1988).

    Each year's growth is applied to that year's structure, so that a region whose mix changes midway is not measured by
    the mix it began with. A cell unknown in any year is NaN.
    """
    cells = _region(region, 3)
    totals = _base(base, (cells.shape[0], cells.shape[2]))
    if cells.shape[0] < 2:
        raise MethodInputError(
            "there is one year", where="region", expected="2 or more", todo="pass the years in order"
        )
    years = [
        shift_share(cells[t], cells[t + 1], totals[t], totals[t + 1], form=form) for t in range(cells.shape[0] - 1)
    ]
    return ShiftShare(*(np.sum([getattr(year, f.name) for year in years], axis=0) for f in fields(ShiftShare)))
