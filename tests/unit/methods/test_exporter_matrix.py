"""Rows of exports become one matrix, in the order of their codes, and no row is lost."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.exporter_matrix import exporter_matrix, proximities
from warehouse.methods.product_space import compute

ROWS = pl.DataFrame(
    [("FR", "0102", 4.0), ("DE", "7320", 9.0), ("DE", "0102", 1.0), ("IT", "8481", 5.0), ("FR", "8481", 2.0)],
    schema=["location_code", "product_code", "value_usd"],
    orient="row",
)


def test_codes_are_sorted_and_gaps_are_zero() -> None:
    matrix = exporter_matrix(ROWS)
    assert matrix.locations == ("DE", "FR", "IT")
    assert matrix.products == ("0102", "7320", "8481")
    np.testing.assert_array_equal(matrix.values, [[1, 9, 0], [4, 0, 2], [0, 0, 5]])


def test_proximity_is_that_of_the_whole_product_space() -> None:
    rng = np.random.default_rng(7)
    values = rng.lognormal(size=(12, 9)) * (rng.random((12, 9)) < 0.6)
    rows = [(f"C{c:02}", f"{p:04}", float(values[c, p])) for c in range(12) for p in range(9)]
    matrix = exporter_matrix(pl.DataFrame(rows, schema=ROWS.columns, orient="row"))
    np.testing.assert_array_equal(proximities(matrix).proximity, compute(values, on_degenerate="null").proximity)


def test_two_rows_of_one_cell_are_refused() -> None:
    with pytest.raises(MethodInputError, match="several rows share one location and product"):
        exporter_matrix(pl.concat([ROWS, ROWS.head(1)]))


def test_a_row_without_a_code_is_refused() -> None:
    with pytest.raises(MethodInputError, match="1 rows have no product_code"):
        exporter_matrix(ROWS.with_columns(pl.col("product_code").replace("7320", None)))


def test_no_rows_are_an_empty_matrix_and_a_missing_value_is_zero() -> None:
    assert exporter_matrix(ROWS.clear()).values.shape == (0, 0)
    unknown = exporter_matrix(ROWS.with_columns(value_usd=pl.when(pl.col("value_usd") > 1).then("value_usd")))
    np.testing.assert_array_equal(unknown.values, [[0, 9, 0], [4, 0, 2], [0, 0, 5]])


def test_a_year_in_which_nobody_reports_a_value_has_no_measures() -> None:
    """All NULL: no presence, no density, no complexity, and a reason; nothing is taken for the average."""
    rows = ROWS.with_columns(value_usd=pl.lit(None, dtype=pl.Float64))
    matrix = exporter_matrix(rows)
    space = compute(matrix.values, on_degenerate="null")
    assert not space.presence.any() and np.isnan(space.density).all() and np.isnan(space.eci).all()
    assert space.warnings[0].startswith("too_small")
