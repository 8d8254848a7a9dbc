"""Grain: location x product x year of one source and edition, the full grid.

Why Python: proximity, density and complexity are matrix products and one eigenproblem; as joins they take minutes
and gigabytes. The formulae live in `warehouse.methods.product_space`, the matrix in `exporter_matrix`; this only
loops, one year after the other, so that memory does not grow with the years.
"""

import polars as pl
import pyarrow as pa
from duckdb import ColumnExpression as Column
from duckdb import ConstantExpression as Value

from warehouse.methods import product_space
from warehouse.methods.exporter_matrix import exporter_matrix

SCHEMA = pa.schema(
    {
        "location_code": pa.string(),
        "product_code": pa.string(),
        "export_value_usd": pa.float64(),
        "rca": pa.float64(),
        "is_present": pa.bool_(),
        "density": pa.float64(),
        "eci": pa.float64(),
        "pci": pa.float64(),
        "diversity_count": pa.int32(),
        "ubiquity_count": pa.int32(),
        "complexity_outlook_index": pa.float64(),
        "complexity_outlook_gain": pa.float64(),
        "source_id": pa.string(),
        "classification_code": pa.string(),
        "year": pa.int32(),
        "method_version": pa.string(),
    }
)


def measure(part):
    """Every measure of one edition and year; absent cells of the matrix are true zeros."""
    matrix = exporter_matrix(part)
    # A year too small or torn apart for complexity keeps its other measures; ECI and PCI are then NULL.
    space = product_space.compute(matrix.values, on_degenerate="null")
    return product_space.to_long(space, matrix.locations, matrix.products)


def blocks(exports, years):
    """One block of rows per source, edition and year, made when it is asked for."""
    for source_id, classification_code, year in years:
        is_of_year = (Column("source_id") == Value(source_id)) & (Column("year") == Value(year))
        part = exports.filter(is_of_year & (Column("classification_code") == Value(classification_code)))
        frame = measure(part.pl()).with_columns(
            source_id=pl.lit(source_id),
            classification_code=pl.lit(classification_code),
            year=pl.lit(year, dtype=pl.Int32),
            method_version=pl.lit(product_space.METHOD_VERSION),
        )
        yield from frame.to_arrow().cast(SCHEMA).to_batches()


def model(dbt, session):
    """The years in order, handed on block by block."""
    dbt.config(materialized="table")
    exports = dbt.ref("int_product_space__export")
    years = exports.project("source_id, classification_code, year").distinct().order("all").fetchall()
    return pa.RecordBatchReader.from_batches(SCHEMA, blocks(exports, years))
