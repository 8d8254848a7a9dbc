"""Complexity outlook: the index of a location (COI) and the gain of a new product (COG).

Belongs here: the two sums over products not yet made, in the form of the Stata package and its Python port.
Does not: other forms of either, such as the Atlas book's, which also subtracts density x PCI (``opportunity``).
"""

import numpy as np

from warehouse.methods.arrays import BoolArray, FloatArray


def outlook(
    presence: BoolArray, density: FloatArray, phi: FloatArray, kc: FloatArray, kp: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (COI[C], COG[C,P]); kc and kp are the un-normalised vectors of `complexity`, NaN where dropped.

    COI_c = sum_p (1-M) d PCI_p, z-scored over the locations (ddof 0).
    COG_cp = (1-M[c,p]) sum_q (1-M[c,q]) phi[q,p] PCI_q / sum_s phi[q,s], divided by sd(kc); 0 where p is made.
    """
    rows, columns = ~np.isnan(kc), ~np.isnan(kp)
    absent = np.where(presence, 0.0, 1.0)
    worth = np.where(columns, kp, 0.0)
    raw = (absent * np.where(columns, density, 0.0)) @ worth
    coi = np.full(kc.shape, np.nan)
    spread = raw[rows].std()
    if spread > 0:
        coi[rows] = (raw[rows] - raw[rows].mean()) / spread
    cog = gain(presence, phi, kp, float(np.nanstd(kc)))
    cog[~rows, :] = np.nan
    return coi, cog


def gain(presence: BoolArray, phi: FloatArray, kp: FloatArray, spread: float) -> FloatArray:
    """COG[C,P] alone, `spread` = sd(kc): also for locations that are not in the table kc and kp come from."""
    columns = ~np.isnan(kp)
    absent = np.where(presence, 0.0, 1.0)
    worth = np.where(columns, kp, 0.0)
    reach = phi.sum(axis=0)
    weight = np.divide(worth, reach, out=np.zeros_like(worth), where=reach > 0)
    # Scaling the small side first spares a second products x products matrix.
    cog = (absent * weight) @ phi
    cog *= absent
    cog /= spread
    cog[:, ~columns] = np.nan
    return cog
