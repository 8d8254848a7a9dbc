"""What a reader can compute from equations and limits: linear programmes, and which withheld figures they narrow down.

Belongs here: solving, and the verdict per figure. Does not belong here: what a reader knows (the audits of counts, of
values and of two releases write it down) or choosing what else to hide.

The bounds are those of continuous programmes; a whole figure is rounded to whole numbers. A reader who also exploits that
every count of a cube of three or more dimensions is whole could in rare cases be sharper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy.sparse import csr_array, vstack

from warehouse.methods.arrays import FloatArray
from warehouse.privacy.disclosure_cube import DisclosureError

SLACK = 1e-6
# As HiGHS numbers its methods.
PRIMAL_SIMPLEX = 4
# Programmes that ask for many cells at once; each possible world they find clears cells without one of their own.
SHARED_PROGRAMMES = 24


@dataclass(frozen=True, eq=False)
class Figure:
    """One kind of withheld figure: ``above`` per ``below`` in places of the vector of unknowns, or ``above`` alone."""

    cells: np.ndarray
    above: np.ndarray
    below: np.ndarray | None
    truth: FloatArray
    is_whole: bool


@dataclass(frozen=True, eq=False)
class Programme:
    """equal @ x = right, below @ x <= 0, low <= x <= high; ``right`` is 0 where it is left out."""

    equal: csr_array
    low: FloatArray
    high: FloatArray
    below: csr_array | None = None
    right: FloatArray | None = None

    @property
    def size(self) -> int:
        return len(self.low)


class Worlds:
    """The possible worlds of a programme, kept in the solver: the world found last is where the next search starts.

    Only the objective changes from one question to the next, so that the last world stays possible: the primal simplex
    method goes on from there in a few steps.
    """

    def __init__(self, known: Programme) -> None:
        rows = known.equal if known.below is None else csr_array(vstack([known.equal, known.below], format="csr"))
        equal_count, row_count = len(known.equal.indptr) - 1, len(rows.indptr) - 1
        most = np.zeros(row_count)
        if known.right is not None:
            most[:equal_count] = known.right
        least = most.copy()
        least[equal_count:] = -highspy.kHighsInf
        lp: Any = highspy.HighsLp()  # its stubs ask for lists where it takes arrays
        lp.num_col_, lp.num_row_ = known.size, row_count
        lp.col_cost_ = np.zeros(known.size)
        lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = known.low, known.high, least, most
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        self._columns = np.arange(known.size, dtype=np.int32)
        self._solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("simplex_strategy", PRIMAL_SIMPLEX)):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(lp)

    def extreme(self, objective: FloatArray) -> FloatArray:
        """The possible world where the objective is least.

        Raises:
            DisclosureError: there is none, so what was written down contradicts itself.
        """
        self._solver.changeColsCost(len(objective), self._columns, objective)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._solver.clearSolver()  # that a start leads nowhere says nothing of the programme
            self._solver.run()
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise DisclosureError(
                f"the audit of {len(objective)} unknowns has no answer: {self._solver.modelStatusToString(status)}",
                where="suppression",
                todo="report this",
            )
        return np.asarray(self._solver.getSolution().col_value)


def search(known: Programme, figures: list[Figure], protection: float) -> set[int]:
    """The cells with a figure whose whole range lies within ``protection`` of its truth."""
    watched = [_Watched(figure, protection) for figure in figures if len(figure.cells)]
    if not watched:
        return set()
    worlds = Worlds(known)
    draw = np.random.default_rng(0)  # Fixed, so that equal cubes are blanked equally.
    for _ in range(SHARED_PROGRAMMES):
        if sum(int(w.is_open.sum()) for w in watched) > 1:
            objective = np.zeros(known.size)
            for w in watched:
                w.add_to(objective, draw)
            _look(watched, worlds.extreme(objective))
    found: set[int] = set()
    for w in watched:
        for i in np.flatnonzero(w.is_open):
            for objective in w.own_objectives(int(i), known.size):
                if w.is_open[i]:
                    _look(watched, worlds.extreme(objective))
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
