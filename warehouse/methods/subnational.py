"""Complexity of regions too few for an eigenvector of their own: the mean world PCI of what they make.

Belongs here: that mean. Does not: the world PCI (``complexity``), and bridging a region's industries to products.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix


def subnational_eci(
    presence: npt.ArrayLike, world_pci: npt.ArrayLike, *, standardise: bool = False, ddof: int = 0
) -> FloatArray:
    """ECI[R] = sum_p M[r,p] PCI_p / sum_p M[r,p] over products whose PCI[P] is known (NaN where not).

    In units of the world's ECI while `standardise` is False, so that a region can be placed among countries; a z-score
    over the regions given otherwise. A region that makes none of the known products is NaN and leaves the z-score; where
    all regions are equal the z-score is NaN.

    Raises:
        MethodInputError: not a matrix of 0 and 1, or another number of PCIs than products.
    """
    present, pci = as_presence_matrix(presence), np.asarray(world_pci, dtype=np.float64)
    if pci.shape != present.shape[1:] or np.isinf(pci).any():
        raise MethodInputError(
            f"there are {pci.size} values for {present.shape[1]} products",
            where="world_pci",
            expected="one finite number per product, NaN where unknown",
            todo="join the world PCI to the region's products first",
        )
    known = ~np.isnan(pci)
    counted = present[:, known].astype(np.float64)
    number = counted.sum(axis=1)
    out = np.full(present.shape[0], np.nan)
    some = number > 0
    out[some] = (counted[some] @ pci[known]) / number[some]
    if not standardise:
        return out
    spread = out[some].std(ddof=ddof) if some.sum() > ddof else 0.0
    usable = spread > 1e-13 * max(1.0, float(np.abs(out[some]).max(initial=0.0)))
    return (out - out[some].mean()) / spread if usable else np.full(out.shape, np.nan)
