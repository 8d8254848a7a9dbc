"""What is read off a proximity beside the plain density: distance, density of levels, of the k nearest, and relative.

Belongs here: forms of density. Does not: proximities (``relatedness``, ``proximity_forms``).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix
from warehouse.methods.proximity_forms import as_proximity_matrix, nearest


def level_density(levels: npt.ArrayLike, phi: npt.ArrayLike) -> FloatArray:
    """sum_q L[c,q] phi[q,p] / sum_q phi[q,p] for levels[C,P]: presence, or RCA beside a continuous proximity.

    Not bounded by 1 for RCA. A location whose levels are all NaN (no exports) and a product without any proximity are
    NaN; a product that is NaN throughout counts as level 0.
    """
    matrix = np.asarray(levels, dtype=np.float64)
    weights = as_proximity_matrix(phi, matrix.shape[1])
    known = ~np.isnan(matrix)
    rows, columns = known.any(axis=1), known.any(axis=0)
    if not known[np.ix_(rows, columns)].all():
        raise MethodInputError(
            "single cells are NaN inside living rows and columns",
            where="levels",
            expected="NaN only in whole rows or columns",
            todo="fill the true zeros with 0 before RCA is computed",
        )
    reach = weights.sum(axis=0)
    out = np.where(known, matrix, 0.0) @ weights
    out /= np.where(reach > 0, reach, np.nan)
    out[~rows] = np.nan
    return out


def knn_density(presence: npt.ArrayLike, phi: npt.ArrayLike, k: int, *, own: bool = False) -> FloatArray:
    """Density over the k nearest other products only, weighted by proximity, in [0, 1] (the Stata package's knn option).

    own=True counts a product among its own neighbours, with the diagonal of `phi` as its weight.
    """
    return level_density(as_presence_matrix(presence), nearest(phi, k, own=own))


def distance(density: npt.ArrayLike) -> FloatArray:
    """1 - density: the share of what is close to a product that a location lacks. Unknown in, NaN out."""
    return 1.0 - np.asarray(density, dtype=np.float64)


def relative_relatedness(
    presence: npt.ArrayLike,
    density: npt.ArrayLike,
    *,
    over: Literal["absent", "all"] = "absent",
    ddof: int = 0,
    held: Literal["unknown", "kept"] = "unknown",
) -> FloatArray:
    """(d[c,p] - mean) / sd of the location's densities, in standard deviations (Pinheiro et al. 2022, eq. 7).

    over='absent' takes mean and sd over the products not yet made, the options. held='unknown' leaves products already
    made NaN, 'kept' scales them alike (OEC). A location with fewer than two options, or whose options are all equally
    close, has no scale: NaN.
    """
    present, around = as_presence_matrix(presence), np.asarray(density, dtype=np.float64)
    counted = ~np.isnan(around) if over == "all" else ~np.isnan(around) & ~present
    number = counted.sum(axis=1, keepdims=True)
    mean = np.where(counted, around, 0.0).sum(axis=1, keepdims=True) / np.maximum(number, 1)
    away = np.where(counted, around - mean, 0.0)
    spread = np.sqrt((away**2).sum(axis=1, keepdims=True) / np.maximum(number - ddof, 1))
    # Equal densities differ by rounding only; dividing by that would make noise of it.
    usable = (number >= 2) & (spread > 1e-12 * np.maximum(np.abs(mean), 1e-300))
    scaled = (around - mean) / np.where(usable, spread, np.nan)
    return np.where(present, np.nan, scaled) if held == "unknown" else scaled
