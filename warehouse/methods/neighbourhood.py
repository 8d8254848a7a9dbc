"""What lies around every location in the product space, summed in one pass over the proximities.

Belongs here: density and the sums of COG from blocks of proximity, so that 5,000 x 5,000 products are never held.
Does not: proximity itself (relatedness), the worth of a product (complexity), COI and the scale of COG (outlook).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.methods.relatedness import AnyFloatArray, proximity_blocks


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """density[C,P], NaN for a product without any proximity; gain[C,P], None where no worth was given."""

    density: AnyFloatArray
    gain: AnyFloatArray | None


def neighbourhood(
    present: BoolArray, worth: FloatArray | None, *, diag: float = 1.0, dtype: npt.DTypeLike = np.float64
) -> Neighbourhood:
    """Return density and gain[c,p] = sum_q (1 - M[c,q]) worth_q phi[q,p] / reach_q with reach_q = sum_s phi[q,s].

    `worth[P]` is the un-normalised PCI, 0 where unknown. Proximity is symmetric, so a block of its rows gives the
    reach of those products and, as a block of columns, their share in both sums: one product of matrices for both.
    """
    locations, products = present.shape
    sides = 1 if worth is None else 2
    total = np.zeros((sides * locations, products), dtype=dtype)
    added = np.empty_like(total)
    reach = np.empty(products, dtype=dtype)
    absent = None if worth is None else ~present
    for rows, block in proximity_blocks(present, diag, dtype):
        reach[rows] = block.sum(axis=1)
        left = np.empty((sides * locations, len(block)), dtype=dtype)
        left[:locations] = present[:, rows]
        if worth is not None and absent is not None:
            np.multiply(absent[:, rows], _share(worth[rows], reach[rows]), out=left[locations:], casting="same_kind")
        np.matmul(left, block, out=added)
        total += added
    density = total[:locations]
    density /= np.where(reach > 0, reach, np.nan)
    return Neighbourhood(density, total[locations:] if worth is not None else None)


def _share(worth: FloatArray, reach: AnyFloatArray) -> FloatArray:
    """worth / reach, 0 for a product without any proximity."""
    return np.divide(worth, reach, out=np.zeros_like(worth), where=reach > 0)
