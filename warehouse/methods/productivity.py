"""What kind of country makes a product: PRODY, EXPY and their relatives (Hausmann, Hwang & Rodrik 2007).

Belongs here: means of a measure of locations over those who make a product, and of a measure of products over what a
location makes. Does not: complexity, which needs no measure from outside.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import FloatArray, MethodInputError, as_presence_matrix, as_value_matrix


def _measure(given: npt.ArrayLike, number: int, name: str) -> FloatArray:
    measure = np.asarray(given, dtype=np.float64)
    if measure.shape != (number,) or np.isinf(measure).any():
        raise MethodInputError(
            f"there are {measure.size} values",
            where=name,
            expected=f"{number} finite numbers, NaN where unknown",
            todo="pass one per row or column of the values",
        )
    return measure


def _shares(matrix: FloatArray) -> FloatArray:
    """Shares in the basket; a row without any value is all 0."""
    total = matrix.sum(axis=1, keepdims=True)
    return np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0)


def prody(values: npt.ArrayLike, income: npt.ArrayLike, presence: npt.ArrayLike | None = None) -> FloatArray:
    """PRODY[P] = sum_c s_cp Y_c / sum_c s_cp, s the share of p in the basket of c; unit of `income` (int. $ PPP per head).

    The weights are those of RCA, which only divides every s_cp of a product by the same number. Locations whose income
    is unknown (NaN) leave both sums. With `presence` the weights are s_cp M_cp: the form of the product Gini index and
    the product emission intensity (Hartmann et al. 2017), whose measure is a Gini coefficient or an emission intensity.
    PRODY changes with the sample of countries: keep one sample per vintage. NaN for a product nobody known makes.
    """
    matrix = as_value_matrix(values)
    measure = _measure(income, matrix.shape[0], "income")
    weight = _shares(matrix)
    if presence is not None:
        weight = weight * as_presence_matrix(presence)
    known = ~np.isnan(measure)
    below = weight[known].sum(axis=0)
    above = measure[known] @ weight[known]
    return np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)


def expy(values: npt.ArrayLike, product_income: npt.ArrayLike) -> FloatArray:
    """EXPY[C] = sum_p (X_cp / X_c) PRODY_p, in the unit of PRODY[P].

    Products without a PRODY (NaN) leave the sum and the total, so that the shares still sum to 1. NaN for a location
    that makes nothing known.
    """
    matrix = as_value_matrix(values)
    measure = _measure(product_income, matrix.shape[1], "product_income")
    known = ~np.isnan(measure)
    total = matrix[:, known].sum(axis=1)
    return np.divide(matrix[:, known] @ measure[known], total, out=np.full(total.shape, np.nan), where=total > 0)
