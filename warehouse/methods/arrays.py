"""What every array method shares: the type aliases, the input error and the check of a value matrix.

Belongs here: the vocabulary of shapes and the refusal of unusable input. Does not: any formula.
"""

import numpy as np
import numpy.typing as npt

from warehouse.errors import KettenwerkError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


class MethodInputError(KettenwerkError):
    """An input a method cannot work with: a shape, a value or a column."""


def as_value_matrix(values: npt.ArrayLike, name: str = "values") -> FloatArray:
    """Return `values` as a finite, non-negative float64 matrix, or refuse it.

    Whether a missing cell is a zero is known only where the data come from, so NaN is refused and never guessed.
    """
    matrix = np.ascontiguousarray(values, dtype=np.float64)
    if matrix.ndim != 2:
        raise MethodInputError(
            f"there are {matrix.ndim} dimensions",
            where=name,
            expected="2, locations x products",
            todo="pivot it first",
        )
    unusable = int((~np.isfinite(matrix)).sum())
    if unusable:
        raise MethodInputError(
            f"{unusable} cells are NaN or infinite",
            where=name,
            expected="numbers",
            todo="fill the true zeros with 0 and drop the rows or columns that are unknown",
        )
    negative = int((matrix < 0).sum())
    if negative:
        raise MethodInputError(
            f"{negative} cells are negative",
            where=name,
            expected="values >= 0",
            todo="correct them at the source",
        )
    return matrix


def as_presence_matrix(presence: npt.ArrayLike) -> BoolArray:
    """Return `presence` as a boolean matrix (locations x products)."""
    matrix = np.asarray(presence)
    if matrix.ndim != 2 or (matrix.dtype != np.bool_ and not np.isin(matrix, (0, 1)).all()):
        raise MethodInputError(
            "this is not a matrix of 0 and 1",
            where="presence",
            expected="locations x products, 1 where present",
            todo="pass presence(rca(values)) and not the values",
        )
    return np.ascontiguousarray(matrix, dtype=np.bool_)
