"""Economic complexity: ECI of locations and PCI of products (Hidalgo & Hausmann 2009, in the Atlas form).

Belongs here: the eigenproblem, its sign, its scale and the refusal of matrices on which it means nothing.
Does not: outlook (COI, COG) and sub-national means of a world PCI.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from warehouse.errors import KettenwerkError
from warehouse.methods.arrays import BoolArray, FloatArray, IntArray, MethodInputError, as_presence_matrix

Normalisation = Literal["atlas", "own"]
Sign = Literal["joint", "separate"]
# Below this two eigenvalues, or a correlation and zero, cannot be told apart in float64.
INDISTINGUISHABLE = 1e-9


MORE_DATA = "use more locations or products, or leave ECI and PCI empty for this year"


class DegenerateMatrixError(KettenwerkError):
    """ECI has no meaning on this matrix; `reason_code` says which case it is."""

    def __init__(self, reason_code: str, problem: str, *, expected: str = "", todo: str = MORE_DATA) -> None:
        super().__init__(problem, where="presence matrix", expected=expected, todo=todo)
        self.reason_code = reason_code


@dataclass(frozen=True, eq=False)
class Complexity:
    """ECI and PCI as published, and the un-normalised vectors that outlook is built on (NaN where dropped)."""

    eci: FloatArray
    pci: FloatArray
    kc: FloatArray
    kp: FloatArray
    eigenvalue_gap: float


def _refuse_disconnected(present: BoolArray, row_numbers: IntArray) -> None:
    """Raise where the bipartite graph falls apart: eigenvalue 1 is then multiple and the vector arbitrary."""
    numeric = present.astype(np.float32)
    shared = csr_array((numeric @ numeric.T) > 0)
    count, label = connected_components(shared, directed=False)
    if count > 1:
        largest = int(np.bincount(label).argmax())
        apart = row_numbers[label != largest]
        raise DegenerateMatrixError(
            "disconnected",
            f"it falls into {count} unconnected parts, so ECI means nothing; rows {apart[:10].tolist()} share no "
            "product with the largest part (rows counted from 0, the first ten named)",
            expected="one connected part",
            todo="drop those rows, or leave ECI and PCI empty for this year",
        )


def _second_vector(present: BoolArray) -> tuple[FloatArray, float]:
    """Second eigenvector on the location side and the gap to the third eigenvalue.

    The symmetric form D^-1/2 M U^-1 M' D^-1/2 is taken on whichever side is smaller: same eigenvalues as the
    usual non-symmetric matrix, real by construction, and 230 x 230 instead of 5,000 x 5,000.
    """
    scaled = present / np.sqrt(present.sum(axis=1, keepdims=True))
    scaled /= np.sqrt(present.sum(axis=0, keepdims=True))
    locations_are_fewer = present.shape[0] <= present.shape[1]
    side = scaled if locations_are_fewer else scaled.T
    size = side.shape[0]
    values, vectors = eigh(side @ side.T, subset_by_index=(max(size - 3, 0), size - 1))
    second = float(values[-2])
    third = float(values[-3]) if size > 2 else 0.0
    if second < INDISTINGUISHABLE:
        raise DegenerateMatrixError(
            "no_structure",
            "all locations have the same basket (second eigenvalue 0), so ECI cannot rank them",
        )
    if second - third < INDISTINGUISHABLE:
        raise DegenerateMatrixError(
            "tied_eigenvalue",
            f"the second and the third eigenvalue are equal ({second:.6f}), so ECI is not unique",
        )
    vector = vectors[:, -2]
    on_locations = vector if locations_are_fewer else scaled @ vector
    return on_locations / np.sqrt(present.sum(axis=1)), second - third


def _sign(vector: FloatArray, count: FloatArray) -> float:
    """+1 or -1 so that the vector rises with diversity (or ubiquity); refuse where that cannot be decided."""
    if count.std() > 0 and vector.std() > 0:
        correlation = float(np.corrcoef(vector, count)[0, 1])
        if abs(correlation) > INDISTINGUISHABLE:
            return float(np.sign(correlation))
    raise DegenerateMatrixError(
        "sign_undefined",
        "ECI does not vary with diversity (all locations may make equally many products), so its sign is open",
    )


def complexity(
    presence: npt.ArrayLike, normalisation: Normalisation = "atlas", *, ddof: int = 0, sign: Sign = "joint"
) -> Complexity:
    """ECI and PCI of presence[C,P]; empty rows and columns drop out and come back as NaN.

    'atlas' scales PCI by mean and standard deviation of the location vector, so that ECI of a location is the mean
    PCI of its basket; 'own' z-scores PCI on itself, as the OEC does. `ddof` is that of the standard deviations (NumPy
    and the Atlas 0, pandas 1). sign='joint' turns both so that ECI rises with diversity; 'separate' turns PCI so that
    it falls with ubiquity, whatever ECI says (econcomplex), which only `normalisation='own'` can bear.

    Raises:
        DegenerateMatrixError: ECI means nothing here; `reason_code` says why.
        MethodInputError: not a matrix of 0 and 1, or 'separate' together with 'atlas'.
    """
    if sign == "separate" and normalisation == "atlas":
        raise MethodInputError(
            "a PCI with a sign of its own cannot keep the mean of the baskets",
            where="sign",
            expected="sign='joint' with normalisation='atlas'",
            todo="use normalisation='own', or the joint sign",
        )
    present = as_presence_matrix(presence)
    rows, columns = np.asarray(present.any(axis=1)), np.asarray(present.any(axis=0))
    active = present if rows.all() and columns.all() else present[np.ix_(rows, columns)]
    if min(active.shape) < 2:
        raise DegenerateMatrixError(
            "too_small",
            f"only {active.shape[0]} locations and {active.shape[1]} products have a presence",
            expected="at least 2 of each",
        )
    _refuse_disconnected(active, np.flatnonzero(rows))
    vector, gap = _second_vector(active)
    diversity = active.sum(axis=1).astype(np.float64)
    numeric = active.astype(np.float64)
    kp = (vector @ numeric) / active.sum(axis=0)
    kc = (numeric @ kp) / diversity
    turn = _sign(kc, diversity)
    kc, kp = turn * kc, turn * kp
    base = kc if normalisation == "atlas" else kp
    own_turn = -_sign(kp, active.sum(axis=0).astype(np.float64)) if sign == "separate" else 1.0
    return Complexity(
        eci=_restore((kc - kc.mean()) / kc.std(ddof=ddof), rows),
        pci=_restore(own_turn * (kp - base.mean()) / base.std(ddof=ddof), columns),
        kc=_restore(kc, rows),
        kp=_restore(kp, columns),
        eigenvalue_gap=gap,
    )


def _restore(active_values: FloatArray, is_active: BoolArray) -> FloatArray:
    """Put the values back in their places; NaN where the row or column was empty."""
    out = np.full(is_active.shape, np.nan)
    out[is_active] = active_values
    return out
