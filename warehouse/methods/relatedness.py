"""Relatedness of products: proximity (Hidalgo et al. 2007) and the density around a product.

Belongs here: what follows from co-presence alone. Does not: complexity (eigenvectors) and outlook.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, as_presence_matrix

# Rows of the product matrix worked on at a time: keeps the temporary small beside the 5,000 x 5,000 result.
ROWS_AT_A_TIME = 512
# float32 counts exactly up to here; more locations than this need float64 counts.
EXACT_FLOAT32_COUNT = 2**24


def _numeric(present: BoolArray) -> npt.NDArray[np.floating]:
    """Presence as floats for BLAS: float32 where its counts are exact, which halves time and memory."""
    return present.astype(np.float32 if present.shape[0] < EXACT_FLOAT32_COUNT else np.float64)


def proximity(presence: npt.ArrayLike, diag: float = 1.0) -> FloatArray:
    """phi[p,q] = (locations with both) / max(ubiquity_p, ubiquity_q), the smaller conditional probability.

    `diag` is phi[p,p]: 1 is the Atlas form (a location's own product counts in its density), 0 the OEC form.
    A product nobody makes has no neighbours: its row and column, diagonal included, are 0.
    """
    present = as_presence_matrix(presence)
    numeric = _numeric(present)
    ubiquity = present.sum(axis=0).astype(np.float64)
    together = numeric.T @ numeric
    phi = np.empty(together.shape)
    for start in range(0, len(ubiquity), ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        larger = np.maximum(ubiquity[rows, None], ubiquity[None, :])
        np.divide(together[rows], np.maximum(larger, 1.0), out=phi[rows])
    np.fill_diagonal(phi, np.where(ubiquity > 0, diag, 0.0))
    return phi


def density(presence: npt.ArrayLike, phi: FloatArray) -> FloatArray:
    """d[c,p] = sum_q M[c,q] phi[q,p] / sum_q phi[q,p]; NaN for a product without any proximity."""
    present = as_presence_matrix(presence)
    reach = phi.sum(axis=0)
    out = np.asarray(present.astype(np.float64) @ phi)
    out /= np.where(reach > 0, reach, np.nan)
    return out
