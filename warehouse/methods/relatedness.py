"""Relatedness of products: proximity (Hidalgo et al. 2007) and the density around a product.

Belongs here: what follows from co-presence alone. Does not: complexity (eigenvectors) and outlook.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, as_presence_matrix

# Rows of the product matrix worked on at a time: keeps the temporary small beside the 5,000 x 5,000 result.
ROWS_AT_A_TIME = 512
# float32 counts exactly up to here; more locations than this need float64 counts.
EXACT_FLOAT32_COUNT = 2**24

AnyFloatArray = npt.NDArray[np.floating[Any]]


def _numeric(present: BoolArray) -> AnyFloatArray:
    """Presence as floats for BLAS: float32 where its counts are exact, which halves time and memory."""
    return present.astype(np.float32 if present.shape[0] < EXACT_FLOAT32_COUNT else np.float64)


def proximity_blocks(
    presence: npt.ArrayLike, diag: float = 1.0, dtype: npt.DTypeLike = np.float64
) -> Iterator[tuple[slice, AnyFloatArray]]:
    """Rows of `proximity`, ROWS_AT_A_TIME of them at a time, each with the slice it stands at.

    For whoever needs every row once: the whole matrix is never held. A block is overwritten by the next one.
    """
    present = as_presence_matrix(presence)
    numeric = _numeric(present)
    by_product = np.ascontiguousarray(numeric.T)
    ubiquity = present.sum(axis=0)
    width = len(ubiquity)
    makers = np.maximum(ubiquity, 1).astype(dtype)
    own = np.where(ubiquity > 0, diag, 0.0)
    height = min(ROWS_AT_A_TIME, width)
    together = np.empty((height, width), dtype=numeric.dtype)
    phi = np.empty((height, width), dtype=dtype)
    for start in range(0, width, ROWS_AT_A_TIME):
        rows = slice(start, min(start + ROWS_AT_A_TIME, width))
        count, block = together[: rows.stop - start], phi[: rows.stop - start]
        np.matmul(by_product[rows], numeric, out=count)
        np.maximum(makers[rows, None], makers[None, :], out=block)
        np.divide(count, block, out=block)
        block[np.arange(rows.stop - start), np.arange(start, rows.stop)] = own[rows]
        yield rows, block


def proximity(presence: npt.ArrayLike, diag: float = 1.0) -> FloatArray:
    """phi[p,q] = (locations with both) / max(ubiquity_p, ubiquity_q), the smaller conditional probability.

    `diag` is phi[p,p]: 1 is the Atlas form (a location's own product counts in its density), 0 the OEC form.
    A product nobody makes has no neighbours: its row and column, diagonal included, are 0.
    """
    present = as_presence_matrix(presence)
    phi = np.empty((present.shape[1], present.shape[1]))
    for rows, block in proximity_blocks(present, diag):
        phi[rows] = block
    return phi


def density(presence: npt.ArrayLike, phi: FloatArray) -> FloatArray:
    """d[c,p] = sum_q M[c,q] phi[q,p] / sum_q phi[q,p]; NaN for a product without any proximity."""
    present = as_presence_matrix(presence)
    reach = phi.sum(axis=0)
    out = np.asarray(present.astype(np.float64) @ phi)
    out /= np.where(reach > 0, reach, np.nan)
    return out
