"""The matrix of one year's exports, locations by products, that every product-space measure starts from.

Belongs here: the one way rows become a matrix and back to codes. Does not: any measure (product_space, relatedness),
and the choice of source, edition and year, which the models make.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.methods.arrays import BoolArray, FloatArray, MethodInputError
from warehouse.methods.relatedness import proximity
from warehouse.methods.specialisation import presence, rca

CELL = ("location_code", "product_code")


@dataclass(frozen=True, eq=False)
class ExporterMatrix:
    """values[C,P] with the codes of its rows and columns, both in ascending order."""

    values: FloatArray
    locations: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Proximities:
    """Who makes what in one matrix, without the measures that need complexity; enough for pairs of products."""

    presence: BoolArray

    @cached_property
    def proximity(self) -> FloatArray:
        """phi[P,P], made when it is first asked for."""
        return proximity(self.presence)


def exporter_matrix(exports: pl.DataFrame) -> ExporterMatrix:
    """Pivot location_code, product_code and value_usd; a cell without a row is a true zero.

    Rows are counted into their place by the number of their code: a table as wide as there are products is never made.

    Raises:
        MethodInputError: a row has no code, or several rows share one cell, so that one of them would be lost.
    """
    (locations, row), (products, column) = (_numbered(exports[name]) for name in CELL)
    place = row.astype(np.int64) * len(products) + column
    taken = np.zeros(len(locations) * len(products), dtype=np.bool_)
    taken[place] = True
    if taken.sum() < exports.height:
        raise MethodInputError(
            "several rows share one location and product",
            where="exports",
            expected="one row each",
            todo="choose one edition, year and product level, or sum them first",
        )
    values = np.zeros(taken.size)
    values[place] = exports["value_usd"].fill_null(0.0).to_numpy()
    return ExporterMatrix(values.reshape(len(locations), len(products)), locations, products)


def _numbered(codes: pl.Series) -> tuple[tuple[str, ...], npt.NDArray[np.uint32]]:
    """The distinct codes in ascending order, and for every row the place of its code among them."""
    if codes.null_count():
        raise MethodInputError(
            f"{codes.null_count()} rows have no {codes.name}",
            where="exports",
            expected="a location and a product in every row",
            todo="leave those rows out, or give them a code of their own",
        )
    distinct = codes.cast(pl.String).unique().sort()
    return tuple(distinct.to_list()), codes.cast(pl.Enum(distinct)).to_physical().to_numpy().astype(np.uint32)


def proximities(matrix: ExporterMatrix) -> Proximities:
    """Presence only: pairs of products need no eigenvectors and none of the other measures."""
    return Proximities(presence(rca(matrix.values)))
