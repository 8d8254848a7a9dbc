"""Partners: whose goods meet whose needs, and whose goods and skills are alike.

Belongs here: complementarity and similarity over a relatedness of goods, overlap of skills, and the four kinds of match made
of them. Does not belong here: who may be matched (consent is the models') and how a match is worded.

Reference: complementarity C' = s' Phi d / (|s|_1 |d|_1) and similarity as the soft cosine s' Phi t / sqrt(s' Phi s * t' Phi t)
(Sidorov et al. 2014, Soft similarity and soft cosine measure), Phi the proximity of goods in world trade (Hidalgo et al.
2007), made positive semidefinite by clipping.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Companies:
    """What is known of n companies over p goods, q skills and r customer sectors; rows are companies.

    ``makes``, ``buys``: (n, p), weights of any scale, 0 where not. ``masters``, ``outsources``: (n, q). ``serves``: (n, r).
    """

    makes: Matrix
    buys: Matrix
    masters: Flags
    outsources: Flags
    serves: Flags

    def __getitem__(self, rows: slice) -> Companies:
        goods, skills = (self.makes[rows], self.buys[rows]), (self.masters[rows], self.outsources[rows])
        return Companies(*goods, *skills, self.serves[rows])


def relatedness(proximity: Matrix) -> Matrix:
    """Proximity (p, p) with a diagonal of one, made positive semidefinite and scaled back to a diagonal of one.

    Raises:
        ValueError: it is not square, not symmetric, or holds anything outside 0 to 1.
    """
    given = np.asarray(proximity, dtype=np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not np.allclose(given, given.T):
        raise ValueError("a proximity is a square symmetric matrix")
    if not np.isfinite(given).all() or (given < 0).any() or (given > 1).any():
        raise ValueError("a proximity lies between 0 and 1")
    given = given.copy()
    np.fill_diagonal(given, 1.0)
    values, vectors = np.linalg.eigh(given)
    clipped = (vectors * np.clip(values, 0.0, None)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    return np.clip(clipped / np.outer(scale, scale), 0.0, 1.0)


def complementarity(makes: Matrix, buys: Matrix, phi: Matrix) -> Matrix:
    """How far the goods of row i meet the needs of column j, (n, p) and (m, p) to (n, m), 0 to 1; NaN where one has none."""
    return _unit_sum(makes) @ phi @ _unit_sum(buys).T


def similarity(left: Matrix, right: Matrix, phi: Matrix) -> Matrix:
    """Soft cosine of the goods of two sets of companies, (n, p) and (m, p) to (n, m), 0 to 1; NaN where one has none."""
    return np.clip(_unit_length(left, phi) @ phi @ _unit_length(right, phi).T, 0.0, 1.0)


def covered(has: Flags, wants: Flags) -> Matrix:
    """Share of what column j wants that row i has, (n, q) and (m, q) to (n, m); NaN where j wants nothing."""
    return has.astype(float) @ _unit_sum(wants.astype(float)).T


def overlap(left: Flags, right: Flags) -> Matrix:
    """Jaccard index of two sets of flags, (n, q) and (m, q) to (n, m); NaN where neither has any."""
    a, b = left.astype(float), right.astype(float)
    common = a @ b.T
    either = a.sum(1)[:, None] + b.sum(1)[None, :] - common
    return np.divide(common, either, out=np.full_like(common, np.nan), where=either > 0)


def matches(seekers: Companies, candidates: Companies, phi: Matrix) -> dict[str, Matrix]:
    """Scores 0 to 1 of every seeker (n) with every candidate (m) by kind of match, each (n, m); NaN where there is no basis.

    supplier: the candidate makes what the seeker buys, or masters what the seeker has done elsewhere, whichever is more.
    customer: the same with the roles exchanged. co_development: half alike in goods (skills where one names none) and other
    customers. capacity_sharing: the same skills, and like goods where both name any.
    """
    alike = similarity(seekers.makes, candidates.makes, phi)
    skills = overlap(seekers.masters, candidates.masters)
    near = np.where(np.isnan(alike), skills, alike)
    middle = np.clip(1.0 - np.abs(near - 0.5) / 0.5, 0.0, 1.0)
    other_customers = 1.0 - overlap(seekers.serves, candidates.serves)
    return {
        "supplier": _supplies(candidates, seekers, phi).T,
        "customer": _supplies(seekers, candidates, phi),
        "co_development": np.sqrt(middle * other_customers),
        "capacity_sharing": np.where(np.isnan(alike), skills, np.sqrt(skills * alike)),
    }


def _supplies(suppliers: Companies, buyers: Companies, phi: Matrix) -> Matrix:
    goods = complementarity(suppliers.makes, buyers.buys, phi)
    return np.fmax(goods, covered(suppliers.masters, buyers.outsources))


def _unit_sum(rows: Matrix) -> Matrix:
    total = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, total, out=np.full(rows.shape, np.nan), where=total > 0)


def _unit_length(rows: Matrix, phi: Matrix) -> Matrix:
    length = np.sqrt(np.einsum("ij,jk,ik->i", rows, phi, rows, optimize=True))[:, None]
    return np.divide(rows, length, out=np.full(rows.shape, np.nan), where=length > 0)
