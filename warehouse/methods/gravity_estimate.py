"""How much less is traded over distance: the elasticity by Poisson pseudo-maximum likelihood (Santos Silva & Tenreyro 2006).

Belongs here: one elasticity from one year's bilateral flows, with effects of exporters and importers, and its standard
error. Does not: what is made of it (``gravity``), and the choice of year and of flows that are known to be zero.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError

ROUNDS, BALANCING_ROUNDS = 100, 10_000
# Relative change at which an iteration has arrived.
ARRIVED = 1e-12


@dataclass(frozen=True)
class DistanceElasticity:
    """theta > 0 where trade falls with distance; its standard error, robust to any variance; pairs and rounds used."""

    theta: float
    standard_error: float
    pairs: int
    rounds: int


def _refuse(problem: str, expected: str) -> MethodInputError:
    return MethodInputError(
        problem, where="gravity", expected=expected, todo="use more pairs, or the mean of the literature (gravity)"
    )


def _balanced(shape: FloatArray, flows: FloatArray) -> FloatArray:
    """shape[I,J] scaled by row and by column until both sums are those of the flows: the fixed effects for one theta."""
    to_rows, to_columns = flows.sum(axis=1), flows.sum(axis=0)
    by_row, by_column = np.ones(len(to_rows)), np.ones(len(to_columns))
    for _ in range(BALANCING_ROUNDS):
        by_row = to_rows / (shape @ by_column)
        new = to_columns / (by_row @ shape)
        moved = float(np.abs(new / by_column - 1).max())
        by_column = new
        if moved < ARRIVED:
            break
    return by_row[:, None] * shape * by_column[None, :]


def _without_effects(variable: FloatArray, weight: FloatArray) -> FloatArray:
    """What is left of the variable after weighted means of rows and of columns are taken out."""
    left = variable.copy()
    rows, columns = weight.sum(axis=1, keepdims=True), weight.sum(axis=0, keepdims=True)
    size = float(np.abs(variable).max()) or 1.0
    for _ in range(BALANCING_ROUNDS):
        before = left
        left = left - (weight * left).sum(axis=1, keepdims=True) / rows
        left = left - (weight * left).sum(axis=0, keepdims=True) / columns
        if float(np.abs(left - before).max()) < ARRIVED * size:
            break
    return left


def _usable(flows: FloatArray, known: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Exporters and importers with any known trade; who has none says nothing of distance."""
    rows, columns = np.ones(flows.shape[0], dtype=bool), np.ones(flows.shape[1], dtype=bool)
    trade = np.where(known, flows, 0.0)
    while True:
        new_rows = rows & ((trade * columns) > 0).any(axis=1)
        new_columns = columns & ((trade * new_rows[:, None]) > 0).any(axis=0)
        if (new_rows == rows).all() and (new_columns == columns).all():
            return rows, columns
        rows, columns = new_rows, new_columns


def distance_elasticity(flows: npt.ArrayLike, distance_km: npt.ArrayLike) -> DistanceElasticity:
    """theta in E[X_ij] = A_i B_j dist_ij^-theta for flows[I,J] >= 0 in any currency and distance_km[I,J] above 0.

    A flow that is NaN (a country with itself, a pair nobody reports) takes no part; a true zero does, which is why the
    logarithm of flows is never taken.

    Raises:
        MethodInputError: shapes, negative numbers, or distances that the effects of exporters and importers explain
            wholly, so that no elasticity follows from them.
    """
    given, distance = np.asarray(flows, dtype=np.float64), np.asarray(distance_km, dtype=np.float64)
    known = ~np.isnan(given) & ~np.isnan(distance) if given.shape == distance.shape and given.ndim == 2 else None
    if known is None or np.isinf(given).any() or (given[known] < 0).any() or not (distance[known] > 0).all():
        raise _refuse(f"flows {given.shape}, distances {distance.shape}", "two tables alike, flows >= 0, distances > 0")
    rows, columns = _usable(given, known)
    part = np.ix_(rows, columns)
    taking_part = known[part]
    x = np.where(taking_part, given[part], 0.0)
    log_distance = np.where(taking_part, np.log(np.where(taking_part, distance[part], 1.0)), 0.0)
    pairs = int(taking_part.sum())
    theta, left, mean, rounds = 0.0, np.zeros_like(x), x, 0
    while rounds < ROUNDS and pairs:
        rounds += 1
        mean = _balanced(np.where(taking_part, np.exp(-theta * log_distance), 0.0), x)
        left = _without_effects(log_distance, mean)
        information = float((mean * left**2).sum())
        if not information > 1e-9 * float((mean * log_distance**2).sum()):
            break
        step = float(((mean - x) * left).sum()) / information
        theta += step
        if abs(step) < 1e-10:
            score = float(np.sqrt((((x - mean) * left) ** 2).sum()))
            return DistanceElasticity(theta, score / information, pairs, rounds)
    raise _refuse(
        f"no elasticity follows from {pairs} pairs after {rounds} rounds",
        "distances that differ by more than what exporter and importer explain",
    )
