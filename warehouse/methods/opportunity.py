"""Outlook from a PCI that is given: the index (COI) and the gain (COG) in every form in use.

Belongs here: the two sums with their conventions as parameters, on any proximity. Does not: the one form the marts
publish, which ``outlook`` computes from the un-normalised vectors at less cost.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError, as_presence_matrix
from warehouse.methods.proximity_forms import as_proximity_matrix


def _checked(presence: npt.ArrayLike, pci: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    present, worth = as_presence_matrix(presence), np.asarray(pci, dtype=np.float64)
    if worth.shape != present.shape[1:] or np.isinf(worth).any():
        raise MethodInputError(
            f"there are {worth.size} values for {present.shape[1]} products",
            where="pci",
            expected="one finite number per product, NaN where unknown",
            todo="pass pci or kp of `complexity` for the same matrix",
        )
    return present, worth


def opportunity_index(
    presence: npt.ArrayLike, density: npt.ArrayLike, pci: npt.ArrayLike, *, standardise: bool = True, ddof: int = 0
) -> FloatArray:
    """COI[C] = sum_p (1 - M) d PCI_p over products with a PCI, z-scored over the locations unless told otherwise.

    The z-score makes the scale of PCI indifferent but not its zero: the Atlas' package sums the un-normalised vector
    (`kp` of ``complexity``). A location that makes nothing is NaN and leaves the z-score.
    """
    present, worth = _checked(presence, pci)
    around = np.asarray(density, dtype=np.float64)
    counted = ~present & ~np.isnan(worth) & ~np.isnan(around)
    raw = np.where(counted, around * np.where(np.isnan(worth), 0.0, worth), 0.0).sum(axis=1)
    some = present.any(axis=1)
    out = np.where(some, raw, np.nan)
    if not standardise:
        return out
    spread = raw[some].std(ddof=ddof) if some.sum() > ddof else 0.0
    return (out - raw[some].mean()) / spread if spread > 0 else np.full(out.shape, np.nan)


def opportunity_gain(
    presence: npt.ArrayLike,
    phi: npt.ArrayLike,
    pci: npt.ArrayLike,
    *,
    form: Literal["stata", "book"] = "stata",
    reach_of: Literal["other", "target"] = "other",
    held: Literal["zero", "kept"] = "zero",
    scale: float = 1.0,
) -> FloatArray:
    """COG[C,P]: what making product p would add to the outlook of location c, in units of `pci` / `scale`.

    'stata': sum_q (1 - M[c,q]) phi[p,q] PCI_q / sum_s phi[s,q], the form of the Stata and the Python package of the
    Atlas (which divide by sd(kc): pass it as `scale`). 'book' (Hausmann et al. 2014) also takes away d[c,p] PCI_p, the
    part that p itself had in the outlook, and leaves p out of the sum: then COG is exactly the change of the
    un-standardised outlook index when M[c,p] becomes 1 and proximities and PCI stay (a test shows it). reach_of='target'
    divides by sum_s phi[s,p] instead, as economic-complexity and econcomplex do. held='zero' gives 0 where p is made
    already. A location that makes nothing, and a product without PCI or proximity, is NaN.
    """
    present, worth = _checked(presence, pci)
    weights = as_proximity_matrix(phi, present.shape[1])
    if not scale > 0:
        raise MethodInputError(
            f"the scale is {scale}", where="opportunity_gain", expected="above 0", todo="pass sd(kc) or 1"
        )
    known = ~np.isnan(worth)
    reach = weights.sum(axis=0)
    value, absent = np.where(known, worth, 0.0), np.where(present, 0.0, 1.0)
    inverse = np.divide(1.0, reach, out=np.zeros_like(reach), where=reach > 0)
    sums = (absent * (value * inverse)) @ weights.T if reach_of == "other" else (absent * value) @ weights.T * inverse
    if form == "book":
        towards = np.diag(weights) * inverse
        density = (present.astype(np.float64) @ weights) * inverse
        sums -= (density + np.where(present, 0.0, towards)) * value
    out = np.where(present, 0.0, sums) if held == "zero" else sums
    out /= scale
    out[~present.any(axis=1)] = np.nan
    out[:, ~known | (reach <= 0)] = np.nan
    return out
