"""Grain: unordered pair of products, source, edition and year.

Why Python: the same matrix product as in `int_product_space__computed`; a self-join would make the square of all
products before it could drop anything. Pairs need presence and proximity only, no complexity.
"""

import polars as pl

from warehouse.methods import product_space
from warehouse.methods.exporter_matrix import exporter_matrix, proximities

EMPTY = pl.DataFrame(
    schema={
        "product_code_a": pl.String,
        "product_code_b": pl.String,
        "proximity": pl.Float64,
        "source_id": pl.String,
        "classification_code": pl.String,
        "year": pl.Int32,
        "method_version": pl.String,
    }
)


def pairs(part, floor):
    """Pairs of one edition and year above the floor, from the same matrix as the other measures."""
    matrix = exporter_matrix(part)
    return product_space.proximity_pairs(proximities(matrix), matrix.products, floor)


def model(dbt, session):
    """One block of pairs per source, edition and year: all at four digits, those above the floor at six."""
    dbt.config(materialized="table")
    exports = dbt.ref("int_product_space__export").pl()
    settings = dict(dbt.ref("stg_region__setting").fetchall())
    floor_hs6 = float(settings["proximity_floor_hs6"])
    blocks = [EMPTY]
    keys = ("source_id", "classification_code", "year", "product_level")
    for key, part in exports.group_by(*keys, maintain_order=True):
        source_id, classification_code, year, product_level = key
        blocks.append(
            pairs(part, floor_hs6 if product_level > 4 else 0.0).with_columns(
                source_id=pl.lit(source_id),
                classification_code=pl.lit(classification_code),
                year=pl.lit(year, dtype=pl.Int32),
                method_version=pl.lit(product_space.METHOD_VERSION),
            )
        )
    return pl.concat(blocks).to_arrow()
