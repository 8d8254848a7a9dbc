"""The attack on a suppressed cube: what a reader can compute about hidden counts from everything published.

Belongs here: the linear programmes and the verdict per cell. Does not: choosing what else to suppress. The bounds are
those of continuous programmes rounded to whole numbers; a reader who also exploits that every count of a cube of three
or more dimensions is whole could in rare cases be sharper.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from warehouse.methods.arrays import BoolArray, FloatArray, IntArray
from warehouse.privacy.disclosure_cube import Cube, DisclosureError

ROUNDING = 1e-6
# Programmes over all open cells at once before each cell gets its own: they clear most cells for a few solutions.
SHARED_PROGRAMMES = 24


@dataclass(frozen=True, eq=False)
class _System:
    """Equations over the unknown cells of one connected part: matrix @ x = right, low <= x <= high."""

    cells: IntArray
    matrix: csr_array
    right: FloatArray
    low: FloatArray
    high: FloatArray

    def extreme(self, objective: FloatArray) -> FloatArray:
        """The unknowns where the objective is least."""
        found = linprog(
            objective,
            A_eq=self.matrix,
            b_eq=self.right,
            bounds=np.column_stack([self.low, self.high]),
            method="highs",
        )
        if found.x is None:
            raise DisclosureError(
                f"the audit of {len(self.cells)} cells has no answer: {found.message}",
                where="suppression",
                todo="report this",
            )
        return found.x


def recoverable(
    cube: Cube,
    unknown: BoolArray,
    low: IntArray,
    high: IntArray,
    targets: BoolArray,
    tolerance: float,
    max_unknowns: int,
) -> set[int]:
    """The targets whose true count a reader knows to within `tolerance` (0.2: 20 %), exactly included.

    unknown: cells whose count is not published; low and high: what the reader knows about each beforehand.
    """
    found: set[int] = set()
    for system in _systems(cube, unknown, low, high, max_unknowns):
        positions = [p for p, cell in enumerate(system.cells) if targets[cell]]
        found.update(int(system.cells[p]) for p in _narrow(system, cube.count, positions, tolerance))
    return found


def _systems(cube: Cube, unknown: BoolArray, low: IntArray, high: IntArray, max_unknowns: int) -> Iterator[_System]:
    """One system per group of unknown cells that share equations: small programmes instead of one large one."""
    cells = np.flatnonzero(unknown)
    position = {int(cell): p for p, cell in enumerate(cells)}
    rows, columns, signs, right = [], [], [], []
    for line in cube.lines:
        involved = [(cell, -1.0 if cell == line.total else 1.0) for cell in line.cells]
        hidden = [(position[cell], sign) for cell, sign in involved if unknown[cell]]
        if hidden:
            rows.extend([len(right)] * len(hidden))
            columns.extend(p for p, _ in hidden)
            signs.extend(sign for _, sign in hidden)
            right.append(-sum(sign * int(cube.count[cell]) for cell, sign in involved if not unknown[cell]))
    matrix = csr_array((signs, (rows, columns)), shape=(len(right), len(cells)))
    part_count, part_of_cell = connected_components(abs(matrix.T) @ abs(matrix), directed=False)
    for part in range(part_count):
        members = np.flatnonzero(part_of_cell == part)
        if len(members) > max_unknowns:
            raise DisclosureError(
                f"{len(members)} suppressed cells hang together",
                where="audit of the suppression",
                expected=f"at most {max_unknowns}",
                todo="publish fewer dimensions or wider bands, or raise max_unknowns and wait longer",
            )
        block = csr_array(matrix[:, members])
        used = np.flatnonzero(np.diff(block.indptr))
        chosen = cells[members]
        yield _System(
            chosen,
            csr_array(block[used, :]),
            np.asarray(right, dtype=np.float64)[used],
            low[chosen].astype(np.float64),
            high[chosen].astype(np.float64),
        )


def _narrow(system: _System, count: IntArray, positions: list[int], tolerance: float) -> list[int]:
    """Positions whose range lies within the tolerance of the truth.

    Every solution shows a possible value of all cells at once, so most cells are cleared without programmes of their own.
    """
    truth = count[system.cells].astype(np.float64)
    floor, ceiling = (1 - tolerance) * truth - ROUNDING, (1 + tolerance) * truth + ROUNDING
    is_open = np.zeros(len(truth), dtype=np.bool_)
    is_open[positions] = True

    def look(objective: FloatArray) -> None:
        solution = system.extreme(objective)
        is_open[(np.ceil(solution - ROUNDING) < floor) | (np.floor(solution + ROUNDING) > ceiling)] = False

    directions = np.random.default_rng(0)  # Fixed, so that equal cubes are suppressed equally.
    for _ in range(SHARED_PROGRAMMES):
        if is_open.sum() > 1:
            look(directions.choice((-1.0, 1.0), len(truth)) * is_open)
    found = []
    for position in positions:
        for direction in (-1.0, 1.0):
            if is_open[position]:
                objective = np.zeros(len(truth))
                objective[position] = direction
                look(objective)
        if is_open[position]:
            found.append(position)
    return found
