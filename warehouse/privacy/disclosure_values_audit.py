"""What a reader can compute about hidden counts, means and shares from everything published, all three together.

Belongs here: what the reader knows, as a programme, and what is kept from him. Does not belong here: solving it
(``disclosure_programme``) or choosing what else to blank (``disclosure_values``).

Unknown are, per cell, its count, its sum of scores and its number of high ones. A published mean or share is rounded to
one decimal, so it gives an interval. Scores lie in 0 to 100 and a high one at the region's limit or above, which ties the
three together: seven high ones have a sum of at least seven times the limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array, hstack, vstack

from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.privacy.disclosure_cube import Cube
from warehouse.privacy.disclosure_programme import SLACK, Figure, Programme, search

TOP_SCORE = 100.0
DECIMALS = 1
HALF_STEP = 0.5 * 10**-DECIMALS + 1e-9


@dataclass(frozen=True, eq=False)
class Published:
    """A cube with its truth and what of it is hidden; margins that nobody publishes count as hidden cells.

    ``mean`` and ``share`` (percent) are the rounded figures as a reader sees them where they are not hidden.
    ``count_told``: counts that the codes give away with every mean and share blank (four singles below a total below
    five); no blank helps them. ``is_unsaid``: cells of which this table says nothing, not even a code.
    """

    cube: Cube
    score_sum: FloatArray
    high_count: FloatArray
    mean: FloatArray
    share: FloatArray
    is_small: BoolArray
    is_cover: BoolArray
    count_hidden: BoolArray
    mean_hidden: BoolArray
    share_hidden: BoolArray
    k: int
    high_from: float
    protection: float
    count_told: BoolArray | None = None
    is_unsaid: BoolArray | None = None

    @property
    def is_published_cell(self) -> BoolArray:
        """Cells of the table, not the margins only named."""
        return np.arange(len(self.cube.count)) < self.cube.published_count


def rounded_per(amount: FloatArray, count: np.ndarray) -> FloatArray:
    """Amount per company as it is published."""
    return np.round(amount / np.maximum(count, 1), DECIMALS)


def recovered_cells(state: Published) -> set[int]:
    """Cells of which a reader knows a withheld count, sum, mean, number of high ones or share to within protection.

    Two readers are tried: one of the figures, from whom every withheld figure is kept, and one who also uses the codes,
    from whom those of cells that are hidden for their own sake are kept.
    """
    return _recovered(state, reads_codes=False) | _recovered(state, reads_codes=True)


def with_told_counts(state: Published) -> Published:
    """The same, knowing which counts show however many means and shares are blank."""
    everything = np.ones(len(state.cube.count), dtype=np.bool_)
    told = np.zeros(len(state.cube.count), dtype=np.bool_)
    told[list(recovered_cells(replace(state, mean_hidden=everything, share_hidden=everything, count_told=None)))] = True
    return replace(state, count_told=told)


def _recovered(state: Published, *, reads_codes: bool) -> set[int]:
    figures = withheld(state, reads_codes=reads_codes)
    return search(programme(state, reads_codes=reads_codes), figures, state.protection)


def withheld(state: Published, *, reads_codes: bool) -> list[Figure]:
    """The withheld figures of this reader: counts at 0, sums at n, numbers of high ones at 2n of the unknowns."""
    n = len(state.cube.count)
    count = state.cube.count.astype(np.float64)
    of_table = state.is_published_cell & (count > 0)
    kept = of_table & ~(state.is_cover & reads_codes)
    told = np.zeros(n, dtype=np.bool_) if state.count_told is None else state.count_told
    cells, means = np.flatnonzero(kept & state.count_hidden & ~told), np.flatnonzero(kept & state.mean_hidden)
    shares = np.flatnonzero(kept & state.share_hidden & ~_told_by_own_mean(state))
    return [
        Figure(cells, cells, None, count[cells], True),
        Figure(means, n + means, None, state.score_sum[means], False),
        Figure(means, n + means, means, state.score_sum[means] / count[means], False),
        Figure(shares, 2 * n + shares, None, state.high_count[shares], True),
        Figure(shares, 2 * n + shares, shares, state.high_count[shares] / count[shares], False),
    ]


def _told_by_own_mean(state: Published) -> BoolArray:
    """Shares that follow from count and mean of their own cell: a mean of 8 says by itself that nobody is high."""
    count, mean = state.cube.count.astype(np.float64), state.mean
    most = np.floor(np.minimum(count, count * (mean + HALF_STEP) / state.high_from) + SLACK)
    spare = TOP_SCORE - state.high_from
    least = np.maximum(0, np.ceil(count * (mean - HALF_STEP - state.high_from) / spare - SLACK)) if spare > 0 else 0
    return ~state.mean_hidden & ~state.count_hidden & (least >= most)


def programme(state: Published, *, reads_codes: bool) -> Programme:
    """What the reader knows, as one linear programme over counts, sums and numbers of high ones."""
    count = state.cube.count.astype(np.float64)
    n = len(count)
    largest = 10 * max(float(count.max(initial=0)), state.k)
    low_n, high_n = count.copy(), count.copy()
    hidden = state.count_hidden
    coded = state.is_published_cell if state.is_unsaid is None else state.is_published_cell & ~state.is_unsaid
    low_n[hidden], high_n[hidden] = np.where(coded, 1, 0)[hidden], largest
    if reads_codes:
        high_n[hidden & coded & state.is_small] = state.k - 1
        low_n[hidden & coded & ~state.is_small] = state.k
    shown, counted = ~state.mean_hidden, ~state.share_hidden
    low_s = np.where(shown, np.maximum(0, count * (state.mean - HALF_STEP)), 0)
    high_s = np.where(shown, count * np.minimum(TOP_SCORE, state.mean + HALF_STEP), TOP_SCORE * high_n)
    low_h = np.where(counted, np.ceil(count * (state.share - HALF_STEP) / 100 - SLACK), 0)
    high_h = np.where(counted, np.floor(count * (state.share + HALF_STEP) / 100 + SLACK), high_n)
    empty = ~hidden & (count == 0)
    for bound in (low_s, high_s, low_h, high_h):
        bound[empty] = 0
    return Programme(
        equal=_sums(state.cube),
        below=_ties(n, state.high_from),
        low=np.concatenate([low_n, low_s, low_h]),
        high=np.concatenate([high_n, high_s, high_h]),
    )


def _sums(cube: Cube) -> csr_array:
    """Every line for counts, sums and numbers of high ones."""
    rows = np.concatenate([np.full(len(line.cells), i) for i, line in enumerate(cube.lines)] or [np.zeros(0, int)])
    columns = np.concatenate([np.asarray(line.cells) for line in cube.lines] or [np.zeros(0, int)])
    signs = np.concatenate([np.r_[-1.0, np.ones(len(line.members))] for line in cube.lines] or [np.zeros(0)])
    one = coo_array((signs, (rows, columns)), shape=(len(cube.lines), len(cube.count)))
    none = coo_array(one.shape)
    return csr_array(vstack([hstack([one if i == j else none for j in range(3)]) for i in range(3)]))


def _ties(n: int, high_from: float) -> csr_array:
    """What scores can be: none above the top, no more high ones than companies, high ones high and others lower."""
    one = diags_array(np.ones(n))
    return csr_array(
        vstack([
            hstack([-TOP_SCORE * one, one, 0 * one]),
            hstack([-one, 0 * one, one]),
            hstack([0 * one, -one, high_from * one]),
            hstack([-high_from * one, one, (high_from - TOP_SCORE) * one]),
        ])
    )  # fmt: skip
