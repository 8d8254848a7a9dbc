"""Grain: unordered pair of products, source, edition and year.

Why Python: the same matrix product as in `int_product_space__computed`; a self-join would make the square of all
products before it could drop anything. Pairs need presence and proximity only, no complexity. One year after the
other, so that memory does not grow with the years.
"""

import polars as pl
import pyarrow as pa
from duckdb import ColumnExpression as Column
from duckdb import ConstantExpression as Value

from warehouse.methods import product_space
from warehouse.methods.exporter_matrix import exporter_matrix, proximities

SCHEMA = pa.schema(
    {
        "product_code_a": pa.string(),
        "product_code_b": pa.string(),
        "proximity": pa.float64(),
        "source_id": pa.string(),
        "classification_code": pa.string(),
        "year": pa.int32(),
        "method_version": pa.string(),
    }
)


def pairs(part, floor):
    """Pairs of one edition and year above the floor, from the same matrix as the other measures."""
    matrix = exporter_matrix(part)
    return product_space.proximity_pairs(proximities(matrix), matrix.products, floor)


def blocks(exports, years, floor_hs6):
    """One block of pairs per source, edition, year and level, made when it is asked for."""
    for source_id, classification_code, year, product_level in years:
        is_of_year = (Column("source_id") == Value(source_id)) & (Column("year") == Value(year))
        is_of_list = Column("classification_code") == Value(classification_code)
        part = exports.filter(is_of_year & is_of_list & (Column("product_level") == Value(product_level)))
        frame = pairs(part.pl(), floor_hs6 if product_level > 4 else 0.0).with_columns(
            source_id=pl.lit(source_id),
            classification_code=pl.lit(classification_code),
            year=pl.lit(year, dtype=pl.Int32),
            method_version=pl.lit(product_space.METHOD_VERSION),
        )
        yield from frame.to_arrow().cast(SCHEMA).to_batches()


def model(dbt, session):
    """The years in order: all pairs at four digits, those above the floor at six."""
    dbt.config(materialized="table")
    exports = dbt.ref("int_product_space__export")
    settings = dict(dbt.ref("stg_region__setting").fetchall())
    keys = exports.project("source_id, classification_code, year, product_level").distinct()
    years = keys.order("all").fetchall()
    return pa.RecordBatchReader.from_batches(SCHEMA, blocks(exports, years, float(settings["proximity_floor_hs6"])))
