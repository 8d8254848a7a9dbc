"""Complexity outlook: the index of a location (COI) and the gain of a new product (COG).

Belongs here: the two sums over products not yet made, in the form of the Stata package and its Python port.
Does not: other forms of either, such as the Atlas book's, which also subtracts density x PCI (``opportunity``).
"""

import numpy as np

from warehouse.methods.arrays import BoolArray, FloatArray
from warehouse.methods.relatedness import AnyFloatArray


def outlook(
    presence: BoolArray, density: FloatArray, phi: FloatArray, kc: FloatArray, kp: FloatArray
) -> tuple[FloatArray, AnyFloatArray]:
    """Return (COI[C], COG[C,P]); kc and kp are the un-normalised vectors of `complexity`, NaN where dropped.

    COI_c = sum_p (1-M) d PCI_p, z-scored over the locations (ddof 0).
    COG_cp = (1-M[c,p]) sum_q (1-M[c,q]) phi[q,p] PCI_q / sum_s phi[q,s], divided by sd(kc); 0 where p is made.
    """
    worth = np.where(np.isnan(kp), 0.0, kp)
    reach = phi.sum(axis=0)
    weight = np.divide(worth, reach, out=np.zeros_like(worth), where=reach > 0)
    # Scaling the small side first spares a second products x products matrix.
    gain = np.where(presence, 0.0, weight) @ phi
    return outlook_index(presence, density, kc, kp), outlook_gain(presence, gain, kc, kp)


def outlook_index(presence: BoolArray, density: AnyFloatArray, kc: FloatArray, kp: FloatArray) -> FloatArray:
    """COI[C] from the density of the products not yet made."""
    rows, columns = ~np.isnan(kc), ~np.isnan(kp)
    absent = np.where(presence | ~columns, 0, density)
    raw = absent @ np.where(columns, kp, 0.0)
    coi = np.full(kc.shape, np.nan)
    spread = raw[rows].std()
    if spread > 0:
        coi[rows] = (raw[rows] - raw[rows].mean()) / spread
    return coi


def outlook_gain(presence: BoolArray, gain: AnyFloatArray, kc: FloatArray, kp: FloatArray) -> AnyFloatArray:
    """COG[C,P] from its sums over the products not yet made (`neighbourhood`), which are overwritten."""
    gain /= np.nanstd(kc)
    gain[presence] = 0.0
    gain[np.isnan(kc), :] = np.nan
    gain[:, np.isnan(kp)] = np.nan
    return gain
