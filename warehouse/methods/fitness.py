"""Fitness of locations and complexity of products (Tacchella et al. 2012): a non-linear check beside ECI and PCI.

Belongs here: the iteration. Does not: ECI (``complexity``); the two measure different things and are never mixed.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix

# Below this a fitness is zero for every purpose; it keeps 1 / F finite where a location's fitness runs to zero.
SMALLEST = 1e-280


@dataclass(frozen=True, eq=False)
class Fitness:
    """fitness[C] and complexity[P], both with mean 1 and NaN where empty; how many rounds, and the last relative change."""

    fitness: FloatArray
    complexity: FloatArray
    rounds: int
    change: float


def fitness(
    presence: npt.ArrayLike,
    rounds: int = 200,
    *,
    update: Literal["simultaneous", "sequential"] = "simultaneous",
    extremality: float = 1.0,
    tolerance: float = 0.0,
) -> Fitness:
    """F_c = sum_p M Q_p and Q_p = 1 / (sum_c M F_c^-e)^(1/e), each divided by its mean, for presence[C,P].

    'simultaneous' takes both from the round before, as the paper has it; 'sequential' takes the new F into Q
    (econcomplex); both run to the same values. Stops early where the largest change of both, relative to the largest
    value, falls below `tolerance`. A location whose fitness runs to zero (Pugliese et al. 2016) is 0 and stays finite.

    Raises:
        MethodInputError: not a matrix of 0 and 1, fewer than 1 round, or an extremality that is not above zero.
    """
    matrix = as_presence_matrix(presence)
    if rounds < 1 or not extremality > 0:
        raise MethodInputError(
            f"{rounds} rounds, extremality {extremality}",
            where="fitness",
            expected="both above 0",
            todo="pass such numbers",
        )
    rows, columns = matrix.any(axis=1), matrix.any(axis=0)
    out_f, out_q = np.full(rows.shape, np.nan), np.full(columns.shape, np.nan)
    numeric = matrix[np.ix_(rows, columns)].astype(np.float64)
    if not numeric.size:
        return Fitness(out_f, out_q, 0, 0.0)
    f, q = np.ones(numeric.shape[0]), np.ones(numeric.shape[1])
    done, change = 0, float("inf")
    while done < rounds and not change < tolerance:
        done += 1
        new_f = numeric @ q
        new_f /= new_f.mean()
        in_force = new_f if update == "sequential" else f
        floor = SMALLEST ** (1 / max(1.0, extremality))
        new_q = (numeric.T @ np.maximum(in_force, floor) ** -extremality) ** (-1 / extremality)
        new_q /= new_q.mean()
        change = max(np.abs(new_f - f).max() / f.max(), np.abs(new_q - q).max() / q.max())
        f, q = new_f, new_q
    out_f[rows], out_q[columns] = f, q
    return Fitness(out_f, out_q, done, float(change))
