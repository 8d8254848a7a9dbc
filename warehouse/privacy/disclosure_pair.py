"""The attack on two publications of one table together: what a reader who kept the first learns from the second.

Belongs here: both publications as one programme, tied cell by cell by what can have changed, and what must stay unknown.
Does not belong here: deciding what is held (``disclosure_renewal``) or what one publication says (``disclosure_values_audit``).

The reader is taken to know who joined and left, not what they answered. Where fewer than k companies changed he knows by
how many the count moved; a sum moves by at most 100 points per company. A held cell tells him nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy.sparse import block_diag, coo_array, csr_array, hstack, vstack

from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.privacy.disclosure import NONE, PRIMARY_N, SECONDARY, DisclosureRules
from warehouse.privacy.disclosure_changes import CELL, World, changes, tally
from warehouse.privacy.disclosure_cube import Cube, Key, build_cube
from warehouse.privacy.disclosure_programme import Figure, Programme, search
from warehouse.privacy.disclosure_values import ValueRules
from warehouse.privacy.disclosure_values_audit import TOP_SCORE, Published, programme, with_told_counts, withheld

# The kinds of figures as ``withheld`` lists them, by the column that hides them.
KINDS = ("suppression_code", "mean_score", "mean_score", "share_high_pct", "share_high_pct")


@dataclass(frozen=True, eq=False)
class Pair:
    """An earlier publication and the present table, both over the same cells.

    ``now``: figures of the present table as they would be published afresh. ``in_force``: the table as it was last served.
    """

    world: World
    after: pl.DataFrame
    now: pl.DataFrame
    in_force: pl.DataFrame
    keys: list[Key]
    rules: DisclosureRules
    values: ValueRules

    def reopened(self, held: set[Key]) -> set[Key]:
        """Cells of which both together tell what neither may: withheld figures, or the change of too few companies.

        What would follow with everything held too, from the first publication alone, is not due to the second.
        """
        is_held = np.array([key in held for key in self.keys])
        now = self._state(self.after, self.now, is_held)
        found: set[int] = set()
        for reads_codes in (False, True):
            known, figures = self._joint(now, is_held, reads_codes=reads_codes)
            cells = search(known, figures, self.rules.protection)
            if cells:
                found |= self._due_to(now, known, figures, cells, reads_codes)
        return {self.keys[cell] for cell in found}

    def _due_to(
        self, now: Published, known: Programme, figures: list[Figure], cells: set[int], reads_codes: bool
    ) -> set[int]:
        """Of the cells found those that holding everything would have kept."""
        silent = self._silent[reads_codes]
        told = _cells(with_told_counts(now).count_told)
        wanted = np.zeros(max(figure.cells.max(initial=0) for figure in figures) + 1, dtype=np.bool_)
        wanted[list(cells)] = True
        found: set[int] = set()
        for number, figure in enumerate(_only(figures, [wanted] * len(figures), 0)):
            own = search(known, [figure], self.rules.protection)
            own -= search(silent, [figure], self.rules.protection)
            found |= own - told if number == len(KINDS) else own
        return found

    @cached_property
    def cube(self) -> Cube:
        """The present table's sums, its cells in the order of ``keys``."""
        truth = self._on_keys(tally(self.after, self.keys, 0)).with_columns(pl.col("company_count").fill_null(0))
        return build_cube(truth, CELL, "company_count")

    @cached_property
    def _then(self) -> Published:
        nobody = np.zeros(len(self.keys), dtype=np.bool_)
        return with_told_counts(self._state(self.world.contributions, self.world.figures, nobody))

    @cached_property
    def _silent(self) -> tuple[Programme, Programme]:
        """What the reader knows when everything is held."""
        everything = np.ones(len(self.keys), dtype=np.bool_)
        now = self._state(self.after, self.now, everything)
        first, second = (self._joint(now, everything, reads_codes=reads)[0] for reads in (False, True))
        return first, second

    def _on_keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        base = pl.DataFrame(self.keys, schema=dict.fromkeys(CELL, pl.String), orient="row")
        return base.join(frame, on=CELL, how="left", maintain_order="left")

    def _state(self, contributions: pl.DataFrame, figures: pl.DataFrame, is_held: BoolArray) -> Published:
        """One publication over all cells, in key order, which is the order of the cube; held cells say nothing."""
        truth = self._on_keys(tally(contributions, self.keys, self.values.high_from)).with_columns(
            pl.col("company_count", "high_count").fill_null(0), pl.col("score_sum").fill_null(0.0)
        )
        cube = build_cube(truth, CELL, "company_count")
        size = len(cube.count)

        def padded(values: np.ndarray, default: float | bool) -> np.ndarray:
            out = np.full(size, default, dtype=values.dtype)
            out[: cube.published_count] = values
            return out

        seen = self._on_keys(figures)
        # A cell without a row has no companies, unless the publication left it out.
        unsaid = is_held | (seen["suppression_code"].is_null() & (truth["company_count"] > 0)).to_numpy()
        code = seen["suppression_code"].fill_null(NONE).to_numpy()
        mean, share = (seen[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in ("mean_score", "share_high_pct"))
        return Published(
            cube=cube,
            score_sum=padded(truth["score_sum"].to_numpy().astype(np.float64), 0.0),
            high_count=padded(truth["high_count"].to_numpy().astype(np.float64), 0.0),
            mean=padded(np.nan_to_num(mean), 0.0),
            share=padded(np.nan_to_num(share), 0.0),
            is_small=padded(code == PRIMARY_N, True),
            is_cover=padded((code == SECONDARY) & ~unsaid, False),
            count_hidden=padded((code != NONE) | unsaid, True),
            mean_hidden=padded(np.isnan(mean) | unsaid, True),
            share_hidden=padded(np.isnan(share) | unsaid, True),
            k=self.rules.k,
            high_from=self.values.high_from,
            protection=self.rules.protection,
            is_unsaid=padded(unsaid, False),
        )

    def _joint(self, now: Published, is_held: BoolArray, *, reads_codes: bool) -> tuple[Programme, list[Figure]]:
        """Both programmes side by side with a third block, the changes: now less then, cell by cell."""
        then = self._then
        n, sizes = len(self.keys), (len(then.cube.count), len(now.cube.count))
        first, second = (programme(p, reads_codes=reads_codes) for p in (then, now))
        ties = [hstack([_difference(n, block, sizes), _place(n, block)]) for block in range(3)]
        equal, below = (
            csr_array(block_diag(pair)) for pair in ((first.equal, second.equal), (first.below, second.below))
        )
        aside = [coo_array((len(matrix.indptr) - 1, 3 * n)) for matrix in (equal, below)]
        low, high, few = self._bounds
        both = Programme(
            equal=csr_array(vstack([hstack([equal, aside[0]]), *ties])),
            below=csr_array(hstack([below, aside[1]])),
            low=np.concatenate([first.low, second.low, low]),
            high=np.concatenate([first.high, second.high, high]),
        )
        # Who reads the codes knows all that the other one knows; from him alone the cover is not kept.
        own = _said(then) if reads_codes else _said(then) & then.is_cover
        figures = _only(withheld(then, reads_codes=reads_codes), [own] * len(KINDS), 0)
        kept = self._kept_now(now, is_held, reads_codes)
        figures += _only(withheld(now, reads_codes=reads_codes), kept, first.size)
        if not reads_codes:
            return both, figures
        offset = first.size + second.size
        for block, (a, b) in enumerate(((then.score_sum, now.score_sum), (then.high_count, now.high_count)), start=1):
            moved = (b[:n] - a[:n])[few]
            figures.append(Figure(few, offset + block * n + few, None, moved, block == 2))
        return both, figures

    def _kept_now(self, now: Published, is_held: BoolArray, reads_codes: bool) -> list[BoolArray]:
        """Per kind of figure the cells it is kept of now: those hidden afresh; held ones where they were hidden before too."""
        then, today = self._on_keys(self.in_force), self._on_keys(self.now)
        cover = (today["suppression_code"] == SECONDARY).fill_null(False).to_numpy()
        kept = []
        for kind in KINDS:
            was, would = (
                ((f[kind] != NONE) if kind == "suppression_code" else f[kind].is_null())
                & f["suppression_code"].is_not_null()
                for f in (then, today)
            )
            cells = np.zeros(len(now.cube.count), dtype=np.bool_)
            held = (was & would).fill_null(False).to_numpy()
            cells[: len(self.keys)] = (~is_held | held) & (cover != reads_codes)
            kept.append(cells)
        return kept

    @cached_property
    def _bounds(self) -> tuple[FloatArray, FloatArray, np.ndarray]:
        """Least and most that counts, sums and high ones can have changed, and the cells in which too few did."""
        found = self._on_keys(changes(self.world.contributions, self.after, self.keys, 0.0)).with_columns(
            pl.exclude(CELL).fill_null(0)
        )
        up, down, changed = (found[c].to_numpy().astype(np.float64) for c in ("joined", "left", "changed"))
        exact = up - down
        few = changed < self.rules.k
        low = np.concatenate([np.where(few, exact, -down), -TOP_SCORE * down, -down])
        high = np.concatenate([np.where(few, exact, up), TOP_SCORE * up, up])
        return low, high, np.flatnonzero(few & (changed > 0))


def _cells(wanted: BoolArray | None) -> set[int]:
    return set() if wanted is None else set(np.flatnonzero(wanted).tolist())


def _said(state: Published) -> BoolArray:
    return np.ones(len(state.cube.count), dtype=np.bool_) if state.is_unsaid is None else ~state.is_unsaid


def _only(figures: list[Figure], cells: list[BoolArray], offset: int) -> list[Figure]:
    """Figures of these cells, their places moved to where their block starts."""
    out = []
    for figure, wanted in zip(figures, cells, strict=True):
        keep = wanted[figure.cells]
        below = None if figure.below is None else figure.below[keep] + offset
        out.append(Figure(figure.cells[keep], figure.above[keep] + offset, below, figure.truth[keep], figure.is_whole))
    return out


def _difference(cells: int, block: int, sizes: tuple[int, int]) -> coo_array:
    """Now less then, per cell, of one of counts, sums and high ones."""
    number = np.arange(cells)
    columns = np.concatenate([block * sizes[0] + number, 3 * sizes[0] + block * sizes[1] + number])
    values = np.concatenate([-np.ones(cells), np.ones(cells)])
    return coo_array((values, (np.tile(number, 2), columns)), shape=(cells, 3 * sum(sizes)))


def _place(cells: int, block: int) -> coo_array:
    """The unknown change of that block, taken away."""
    number = np.arange(cells)
    return coo_array((-np.ones(cells), (number, block * cells + number)), shape=(cells, 3 * cells))
