"""What a reader can compute about hidden counts, means and shares from everything published, all three together.

Belongs here: the programmes and the verdict per cell. Does not belong here: choosing what else to blank
(``disclosure_values``).

Unknown are, per cell, its count, its sum of scores and its number of high ones. A published mean or share is rounded to
one decimal, so it gives an interval. Scores lie in 0 to 100 and a high one at the region's limit or above, which ties the
three together: seven high ones have a sum of at least seven times the limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, diags_array, hstack, vstack

from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.privacy.disclosure_cube import Cube, DisclosureError

TOP_SCORE = 100.0
DECIMALS = 1
HALF_STEP = 0.5 * 10**-DECIMALS + 1e-9
SLACK = 1e-6
# Programmes that ask for many cells at once; each possible world they find clears cells without one of their own.
SHARED_PROGRAMMES = 24


@dataclass(frozen=True, eq=False)
class Published:
    """A cube with its truth and what of it is hidden; margins that nobody publishes count as hidden cells.

    ``mean`` and ``share`` (percent) are the rounded figures as a reader sees them where they are not hidden.
    ``count_told``: counts that the codes give away with every mean and share blank (four singles below a total below
    five); no blank helps them.
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

    @property
    def is_published_cell(self) -> BoolArray:
        """Cells of the table, not the margins only named."""
        return np.arange(len(self.cube.count)) < self.cube.published_count


@dataclass(frozen=True, eq=False)
class Figure:
    """One kind of withheld figure: ``above`` per ``below`` in places of the vector of unknowns, or ``above`` alone."""

    cells: np.ndarray
    above: np.ndarray
    below: np.ndarray | None
    truth: FloatArray
    is_whole: bool


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


def search(known: Programme, figures: list[Figure], protection: float) -> set[int]:
    """The cells with a figure whose whole range lies within ``protection`` of its truth."""
    watched = [_Watched(figure, protection) for figure in figures if len(figure.cells)]
    draw = np.random.default_rng(0)  # Fixed, so that equal cubes are blanked equally.
    for _ in range(SHARED_PROGRAMMES):
        if any(w.is_open.any() for w in watched):
            objective = np.zeros(known.size)
            for w in watched:
                w.add_to(objective, draw)
            _look(watched, known.extreme(objective))
    found: set[int] = set()
    for w in watched:
        for i in np.flatnonzero(w.is_open):
            for objective in w.own_objectives(int(i), known.size):
                if w.is_open[i]:
                    _look(watched, known.extreme(objective))
            if w.is_open[i]:
                found.add(int(w.figure.cells[i]))
    return found


def _look(watched: list[_Watched], world: FloatArray) -> None:
    for w in watched:
        w.look(world)


class _Watched:
    """One kind of figure while possible worlds come in: open where all of them lie near the truth."""

    def __init__(self, figure: Figure, protection: float) -> None:
        self.figure = figure
        edges = np.multiply.outer((1 - protection, 1 + protection), figure.truth)  # a change may be negative
        self.floor, self.ceiling = edges.min(axis=0) - SLACK, edges.max(axis=0) + SLACK
        self.is_open = np.ones(len(figure.cells), dtype=np.bool_)

    def look(self, world: FloatArray) -> None:
        figure = self.figure
        value = world[figure.above]
        if figure.below is not None:
            value = value / np.maximum(world[figure.below], 1.0)
        low, high = (np.ceil(value - SLACK), np.floor(value + SLACK)) if figure.is_whole else (value, value)
        self.is_open &= (low >= self.floor) & (high <= self.ceiling)

    def add_to(self, objective: FloatArray, draw: np.random.Generator) -> None:
        np.add.at(objective, self.figure.above[self.is_open], draw.uniform(-1, 1, int(self.is_open.sum())))

    def own_objectives(self, i: int, size: int) -> list[FloatArray]:
        """Least and most of one figure; of a mean, whether it can leave the allowed band at either end."""
        ends = []
        for sign, edge in ((1.0, self.floor[i]), (-1.0, self.ceiling[i])):
            objective = np.zeros(size)
            objective[self.figure.above[i]] = sign
            if self.figure.below is not None:
                objective[self.figure.below[i]] = -sign * edge
            ends.append(objective)
        return ends


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


@dataclass(frozen=True, eq=False)
class Programme:
    """equal @ x = 0, below @ x <= 0, low <= x <= high over counts, sums and numbers of high ones."""

    equal: csr_array
    below: csr_array
    low: FloatArray
    high: FloatArray

    @property
    def size(self) -> int:
        return len(self.low)

    def extreme(self, objective: FloatArray) -> FloatArray:
        """The possible world where the objective is least."""
        found = linprog(
            objective,
            A_ub=self.below,
            b_ub=np.zeros(len(self.below.indptr) - 1),
            A_eq=self.equal,
            b_eq=np.zeros(len(self.equal.indptr) - 1),
            bounds=np.column_stack([self.low, self.high]),
            method="highs",
        )
        if found.x is None:
            raise DisclosureError(
                f"the audit of {self.size // 3} cells has no answer: {found.message}",
                where="values",
                todo="report this",
            )
        return found.x


def programme(state: Published, *, reads_codes: bool) -> Programme:
    """What the reader knows, as one linear programme over counts, sums and numbers of high ones."""
    count = state.cube.count.astype(np.float64)
    n = len(count)
    largest = 10 * max(float(count.max(initial=0)), state.k)
    low_n, high_n = count.copy(), count.copy()
    hidden = state.count_hidden
    low_n[hidden], high_n[hidden] = np.where(state.is_published_cell, 1, 0)[hidden], largest
    if reads_codes:
        small = hidden & state.is_small & state.is_published_cell
        high_n[small] = state.k - 1
        low_n[hidden & ~state.is_small] = state.k
    shown, counted = ~state.mean_hidden, ~state.share_hidden
    low_s = np.where(shown, np.maximum(0, count * (state.mean - HALF_STEP)), 0)
    high_s = np.where(shown, count * np.minimum(TOP_SCORE, state.mean + HALF_STEP), TOP_SCORE * high_n)
    low_h = np.where(counted, np.ceil(count * (state.share - HALF_STEP) / 100 - SLACK), 0)
    high_h = np.where(counted, np.floor(count * (state.share + HALF_STEP) / 100 + SLACK), high_n)
    empty = ~hidden & (count == 0)
    for bound in (low_s, high_s, low_h, high_h):
        bound[empty] = 0
    return Programme(
        _sums(state.cube), _ties(n, state.high_from), np.concatenate([low_n, low_s, low_h]),
        np.concatenate([high_n, high_s, high_h]),
    )  # fmt: skip


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
