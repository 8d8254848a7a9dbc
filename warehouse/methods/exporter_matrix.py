"""The matrix of one year's exports, locations by products, that every product-space measure starts from.

Belongs here: the one way rows become a matrix and back to codes. Does not: any measure (product_space, relatedness),
and the choice of source, edition and year, which the models make.
"""

from dataclasses import dataclass

import polars as pl

from warehouse.methods.arrays import FloatArray, MethodInputError
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
    """Proximity of the products of one matrix, without the measures that need complexity."""

    proximity: FloatArray


def exporter_matrix(exports: pl.DataFrame) -> ExporterMatrix:
    """Pivot location_code, product_code and value_usd; a cell without a row is a true zero.

    Raises:
        MethodInputError: several rows share one cell, so that one of them would be lost.
    """
    if exports.select(CELL).is_duplicated().any():
        raise MethodInputError(
            "several rows share one location and product",
            where="exports",
            expected="one row each",
            todo="choose one edition, year and product level, or sum them first",
        )
    wide = exports.sort(*CELL).pivot(on="product_code", index="location_code", values="value_usd", sort_columns=True)
    return ExporterMatrix(
        values=wide.drop("location_code").fill_null(0.0).to_numpy(),
        locations=tuple(wide["location_code"].to_list()),
        products=tuple(wide.columns[1:]),
    )


def proximities(matrix: ExporterMatrix) -> Proximities:
    """Presence and proximity only: pairs of products need no eigenvectors, which cost most of the product space."""
    return Proximities(proximity(presence(rca(matrix.values))))
