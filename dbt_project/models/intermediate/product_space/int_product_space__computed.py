"""Grain: location x product x year of one source and edition, the full grid.

Why Python: proximity, density and complexity are matrix products and one eigenproblem; as joins they take minutes
and gigabytes. The formulae live in `warehouse.methods.product_space`, the matrix in `exporter_matrix`; this only
loops.
"""

import polars as pl

from warehouse.methods import product_space
from warehouse.methods.exporter_matrix import exporter_matrix

EMPTY = pl.DataFrame(
    schema={
        "location_code": pl.String,
        "product_code": pl.String,
        "export_value_usd": pl.Float64,
        "rca": pl.Float64,
        "is_present": pl.Boolean,
        "density": pl.Float64,
        "eci": pl.Float64,
        "pci": pl.Float64,
        "diversity_count": pl.Int32,
        "ubiquity_count": pl.Int32,
        "complexity_outlook_index": pl.Float64,
        "complexity_outlook_gain": pl.Float64,
        "source_id": pl.String,
        "classification_code": pl.String,
        "year": pl.Int32,
        "method_version": pl.String,
    }
)


def measure(part):
    """Every measure of one edition and year; absent cells of the matrix are true zeros."""
    matrix = exporter_matrix(part)
    # A year too small or torn apart for complexity keeps its other measures; ECI and PCI are then NULL.
    space = product_space.compute(matrix.values, on_degenerate="null")
    return product_space.to_long(space, matrix.locations, matrix.products)


def model(dbt, session):
    """One block of rows per source, edition and year."""
    dbt.config(materialized="table")
    exports = dbt.ref("int_product_space__export").pl()
    blocks = [EMPTY]
    for key, part in exports.group_by("source_id", "classification_code", "year", maintain_order=True):
        source_id, classification_code, year = key
        blocks.append(
            measure(part).with_columns(
                source_id=pl.lit(source_id),
                classification_code=pl.lit(classification_code),
                year=pl.lit(year, dtype=pl.Int32),
                method_version=pl.lit(product_space.METHOD_VERSION),
            )
        )
    return pl.concat(blocks).to_arrow()
