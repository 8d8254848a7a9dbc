"""The core of a sparse table: locations with enough products, products with enough makers.

Belongs here: dropping until what is left holds. Does not: dropping what is empty, which every method does itself.
"""

import numpy as np
import numpy.typing as npt

from warehouse.methods.arrays import BoolArray, as_value_matrix
from warehouse.methods.specialisation import presence, rca


def core(
    values: npt.ArrayLike, min_diversity: int = 1, min_ubiquity: int = 1, threshold: float = 1.0
) -> tuple[BoolArray, BoolArray]:
    """(kept rows[C], kept columns[P]) of the largest part of values[C,P] in which every row and column has enough.

    RCA is taken anew after each drop, because what is dropped was part of the average. Both are all False where nothing
    holds. With 1 and 1 only rows and columns without any presence go.
    """
    matrix = as_value_matrix(values)
    rows, columns = np.asarray(matrix.any(axis=1)), np.asarray(matrix.any(axis=0))
    while rows.any() and columns.any():
        present = presence(rca(matrix[np.ix_(rows, columns)]), threshold)
        few_rows, few_columns = present.sum(axis=1) < min_diversity, present.sum(axis=0) < min_ubiquity
        if not few_rows.any() and not few_columns.any():
            return rows, columns
        rows[np.flatnonzero(rows)[few_rows]] = False
        columns[np.flatnonzero(columns)[few_columns]] = False
    return np.zeros_like(rows), np.zeros_like(columns)
