"""The other forms of proximity that stand in the literature, beside the one the marts use (``relatedness.proximity``).

Belongs here: conditional, cosine and continuous proximity, and the k nearest of any of them. Does not: what is built on a
proximity (``relatedness``, ``relatedness_forms``). Proximity of locations is that of the transposed matrix.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix

# Proximities closer than this share of their value are one and the same quotient.
SAME = 1e-12

Denominator = Literal["max", "sqrt", "min", "given"]


def as_proximity_matrix(phi: npt.ArrayLike, width: int | None = None) -> FloatArray:
    """Return `phi` as a square, finite, non-negative matrix, or refuse it: one NaN would spread over every location."""
    matrix = np.asarray(phi, dtype=np.float64)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and width in (None, matrix.shape[0])
    if not square or not np.isfinite(matrix).all() or (matrix < 0).any():
        raise MethodInputError(
            f"its shape is {matrix.shape}" if not square else "it holds cells that are NaN, infinite or negative",
            where="proximity",
            expected=f"{width or 'products'} x {width or 'products'} numbers >= 0",
            todo="pass 0 where two products have nothing in common, and 1 (or 0) on the diagonal",
        )
    return matrix


def co_presence_proximity(presence: npt.ArrayLike, denominator: Denominator = "max", diag: float = 1.0) -> FloatArray:
    """phi[p,q] = (locations with both) / denominator, for presence[C,P]; in [0, 1].

    'max': the smaller conditional probability (Hidalgo et al. 2007, as ``relatedness.proximity``); 'sqrt': the cosine,
    sqrt(u_p u_q); 'min': the larger conditional probability; 'given': P(p | q) = both / u_q, not symmetric: the column
    is what is given. A density towards product p takes its column p: P(q | p) is then phi[q,p] of the transposed
    matrix. `diag` is phi[p,p]; a product nobody makes has no neighbours, its row and column are 0.
    """
    present = as_presence_matrix(presence)
    numeric = present.astype(np.float64)
    makers = numeric.sum(axis=0)
    rows, columns = makers[:, None], makers[None, :]
    below = {
        "max": np.maximum(rows, columns),
        "sqrt": np.sqrt(rows * columns),
        "min": np.minimum(rows, columns),
        "given": np.broadcast_to(columns, (len(makers), len(makers))),
    }[denominator]
    phi = np.zeros(below.shape)
    np.divide(numeric.T @ numeric, below, out=phi, where=below > 0)
    np.fill_diagonal(phi, np.where(makers > 0, diag, 0.0))
    return phi


def continuous_proximity(
    levels: npt.ArrayLike, method: Literal["correlation", "cosine"] = "correlation", diag: float = 1.0
) -> FloatArray:
    """(1 + corr(RCA_p, RCA_q)) / 2, or the cosine of the columns, for levels[C,P] such as RCA or RPOP; in [0, 1].

    Locations that are NaN throughout (no exports) leave the comparison. A product that is unknown, or whose levels do not
    vary (whose levels are all zero, for the cosine), is like none: its row and column are 0, diagonal included.
    """
    matrix = np.asarray(levels, dtype=np.float64)
    if matrix.ndim != 2 or np.isinf(matrix).any():
        raise MethodInputError(
            "this is not a matrix of finite levels",
            where="levels",
            expected="locations x products",
            todo="pass rca(values)",
        )
    rows, columns = ~np.isnan(matrix).all(axis=1), ~np.isnan(matrix).all(axis=0)
    active = matrix[np.ix_(rows, columns)]
    if np.isnan(active).any():
        raise MethodInputError(
            "single cells are NaN inside living rows and columns",
            where="levels",
            expected="NaN only in whole rows or columns",
            todo="fill the true zeros with 0 before RCA is computed",
        )
    centred = active - active.mean(axis=0) if method == "correlation" and active.size else active
    length = np.linalg.norm(centred, axis=0)
    # What is left of a constant column after centring is rounding, not variation.
    varies = length > 1e-12 * np.maximum(1.0, np.abs(active).max(axis=0, initial=0.0))
    unit = np.where(varies, centred / np.where(varies, length, 1.0), 0.0)
    alike = np.clip(unit.T @ unit, -1.0, 1.0)
    inner = (1 + alike) / 2 if method == "correlation" else alike
    inner = np.where(varies[:, None] & varies[None, :], inner, 0.0)
    np.fill_diagonal(inner, np.where(varies, diag, 0.0))
    phi = np.zeros((matrix.shape[1], matrix.shape[1]))
    phi[np.ix_(columns, columns)] = inner
    return phi


def nearest(phi: npt.ArrayLike, k: int, *, own: bool = False) -> FloatArray:
    """The proximity with only the k largest of every column kept, all that tie with the k-th among them, the rest 0.

    A product is no neighbour of its own, as in the Stata package of the Atlas, which takes the identity off every
    proximity; own=True leaves the diagonal in the running. Ties are told with a tolerance: 3/5 found by two divisions is
    still 3/5 (the Stata package loses such neighbours to rounding).
    """
    matrix = as_proximity_matrix(phi).copy()
    if not own:
        np.fill_diagonal(matrix, 0.0)
    if not 1 <= k <= matrix.shape[0]:
        raise MethodInputError(
            f"k is {k}", where="nearest", expected=f"1 to {matrix.shape[0]} products", todo="pass such a number"
        )
    limit = np.partition(matrix, matrix.shape[0] - k, axis=0)[matrix.shape[0] - k]
    return np.where(matrix >= limit * (1 - SAME), matrix, 0.0)
