"""Method of reflections (Hidalgo & Hausmann 2009): the road on which ECI and PCI were first found; here a check.

Belongs here: the iteration to a given number of updates. Does not: the eigenvector it runs to (``complexity``), which is
what is published.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError, as_presence_matrix

# The OEC's package stops at 20 rounds, in which the location vector is updated 18 times and the product vector 19 times.
ECI_UPDATES, PCI_UPDATES = 18, 19


def _chain(present: BoolArray, updates: int, side: str) -> FloatArray:
    """k_N of one side after N updates, up to a shift and a positive scale, both of which a z-score takes away again.

    Every update is a mean, so a constant passes through it unchanged: taking the mean out before each one loses nothing
    and keeps the digits that the raw iteration, which runs to a constant, cancels away.
    """
    numeric = present.astype(np.float64)
    diversity, ubiquity = numeric.sum(axis=1), numeric.sum(axis=0)
    # An even number of updates ends on the side it began on.
    on_locations = (side == "locations") == (updates % 2 == 0)
    vector = diversity if on_locations else ubiquity
    for _ in range(updates):
        vector = vector - vector.mean()
        largest = np.abs(vector).max()
        if largest > 0:
            vector = vector / largest
        vector = (numeric.T @ vector) / ubiquity if on_locations else (numeric @ vector) / diversity
        on_locations = not on_locations
    return vector


def _z_score(vector: FloatArray, ddof: int) -> FloatArray:
    spread = vector.std(ddof=ddof) if len(vector) > ddof else 0.0
    # A constant that differs by rounding has no order to show.
    if spread <= 1e-13 * max(1.0, float(np.abs(vector).max())):
        return np.full(vector.shape, np.nan)
    return (vector - vector.mean()) / spread


def _oriented(vector: FloatArray, count: FloatArray, wanted: float) -> FloatArray:
    return -vector if wanted * float(((vector - vector.mean()) * (count - count.mean())).sum()) < 0 else vector


def reflections(
    presence: npt.ArrayLike,
    eci_updates: int = ECI_UPDATES,
    pci_updates: int = PCI_UPDATES,
    *,
    ddof: int = 1,
    orient: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """(ECI[C], PCI[P]) of presence[C,P] after so many updates, as z-scores; the defaults are those of the OEC's package.

    k_{c,N} = (1/k_c) sum_p M k_{p,N-1} and k_{p,N} = (1/u_p) sum_c M k_{c,N-1}, from diversity and ubiquity. Even updates
    of ECI rise with complexity, odd ones fall (and PCI the other way round); orient=True turns ECI to rise with diversity
    and PCI to fall with ubiquity. Empty rows and columns come back as NaN, and everything does where nothing varies.

    Raises:
        MethodInputError: not a matrix of 0 and 1, or a negative number of updates.
    """
    matrix = as_presence_matrix(presence)
    if min(eci_updates, pci_updates) < 0:
        raise MethodInputError(
            f"{eci_updates} and {pci_updates} updates",
            where="reflections",
            expected="0 or more",
            todo="pass such numbers",
        )
    rows, columns = matrix.any(axis=1), matrix.any(axis=0)
    eci, pci = np.full(rows.shape, np.nan), np.full(columns.shape, np.nan)
    active = matrix[np.ix_(rows, columns)]
    if not active.size:
        return eci, pci
    eci[rows] = _z_score(_chain(active, eci_updates, "locations"), ddof)
    pci[columns] = _z_score(_chain(active, pci_updates, "products"), ddof)
    if orient:
        eci[rows] = _oriented(eci[rows], active.sum(axis=1), 1.0)
        pci[columns] = _oriented(pci[columns], active.sum(axis=0), -1.0)
    return eci, pci
