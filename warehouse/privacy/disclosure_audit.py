"""The attack on a suppressed cube: what a reader can compute about hidden counts from everything published.

Belongs here: what the reader of counts knows, as programmes. Does not: solving them (disclosure_programme), or choosing
what else to suppress.
"""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from warehouse.methods.arrays import BoolArray, IntArray
from warehouse.privacy.disclosure_cube import Cube, DisclosureError
from warehouse.privacy.disclosure_programme import Figure, Programme, search


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
    for cells, known in _systems(cube, unknown, low, high, max_unknowns):
        wanted = np.flatnonzero(targets[cells])
        figure = Figure(cells[wanted], wanted, None, cube.count[cells[wanted]].astype(np.float64), is_whole=True)
        found |= search(known, [figure], tolerance)
    return found


def _systems(
    cube: Cube, unknown: BoolArray, low: IntArray, high: IntArray, max_unknowns: int
) -> Iterator[tuple[IntArray, Programme]]:
    """Unknown cells that share equations, group by group: small programmes instead of one large one."""
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
        yield (
            chosen,
            Programme(
                csr_array(block[used, :]),
                low[chosen].astype(np.float64),
                high[chosen].astype(np.float64),
                right=np.asarray(right, dtype=np.float64)[used],
            ),
        )
