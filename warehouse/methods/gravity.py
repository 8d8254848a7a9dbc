"""Attractiveness of a market for a product, after the gravity law, with every factor shown beside the product.

Belongs here: the product of the factors. Does not: what an exporter could win there (``export_potential``), and estimating
the distance elasticity or finding tariffs, which are facts given from outside.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_value_matrix

# The mean of 1,467 estimates (Disdier & Head 2008).
DISTANCE_ELASTICITY = 0.9


@dataclass(frozen=True, eq=False)
class Attractiveness:
    """value[J,K] in the currency of the imports per year, and the factors whose product it is (no unit but `imports`).

    NaN where one of them is unknown. The logarithms of the factors add up to that of the value, so that a difference
    between two markets can be told factor by factor.
    """

    value: FloatArray
    imports: FloatArray
    growth: FloatArray
    distance: FloatArray
    tariff: FloatArray
    risk: FloatArray


def attractiveness(
    imports: npt.ArrayLike,
    growth: npt.ArrayLike,
    distance_km: npt.ArrayLike,
    tariff: npt.ArrayLike = 0.0,
    *,
    substitution: npt.ArrayLike = 1.0,
    risk_discount: npt.ArrayLike = 1.0,
    years: float = 5.0,
    theta: float = DISTANCE_ELASTICITY,
    distance_unit_km: float = 1000.0,
) -> Attractiveness:
    """A[J,K] = M_jk (1 + g_jk)^T (dist_j / unit)^-theta (1 + tau_jk)^-sigma_k R_j.

    imports [J,K] >= 0; growth [J,K] expected per year as a share (above -1); distance_km [J] above 0; tariff [J,K] as a
    share (0.05 for five per cent); substitution [K]; risk_discount [J] in (0, 1]. `distance_unit_km` only sets the scale
    of all values alike. NaN in growth, distance, tariff or risk is unknown and stays so in its own cells.

    Raises:
        MethodInputError: a shape that does not fit, or a number outside its range.
    """
    matrix = as_value_matrix(imports, "imports")

    def wide(given: npt.ArrayLike, name: str, low: float, high: float, by_market: bool = False) -> FloatArray:
        numbers = np.asarray(given, dtype=np.float64)
        numbers = numbers[:, None] if by_market and numbers.ndim == 1 else numbers
        fits = numbers.ndim <= 2 and all(
            own in (1, wanted) for own, wanted in zip(numbers.shape[::-1], matrix.shape[::-1], strict=False)
        )
        if not fits or (numbers <= low).any() or (numbers > high).any() or np.isinf(numbers).any():
            raise MethodInputError(
                f"its shape is {numbers.shape}, its range {np.nanmin(numbers, initial=np.inf):g} to "
                f"{np.nanmax(numbers, initial=-np.inf):g}",
                where=name,
                expected=f"a shape that fits {matrix.shape}, numbers above {low:g}, at most {high:g}",
                todo="give shares as 0.05 and not 5, and NaN where unknown",
            )
        return np.broadcast_to(numbers, matrix.shape)

    sigma = wide(substitution, "substitution", -1e-300, 1e300)
    factors = {
        "imports": matrix,
        "growth": (1 + wide(growth, "growth", -1.0, 1e300)) ** years,
        "distance": (wide(distance_km, "distance_km", 0.0, 1e300, by_market=True) / distance_unit_km) ** -theta,
        "tariff": (1 + wide(tariff, "tariff", -1e-300, 1e300)) ** -sigma,
        "risk": wide(risk_discount, "risk_discount", 0.0, 1.0, by_market=True).copy(),
    }
    value = np.ones(matrix.shape)
    for factor in factors.values():
        value = value * factor
    return Attractiveness(value=value, **factors)
