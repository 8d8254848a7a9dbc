"""A sealed table lies in the order its audience asks for, and its codes are ENUM where that is said."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.errors import KettenwerkError
from warehouse.privacy.audiences import Share, audience_table
from warehouse.seal import _copy_table

TABLE = ("marts", "flow")
ROWS = [("DE", "02", 3.0), ("FR", "01", 1.0), ("DE", "01", 9.0), ("AT", "02", 5.0), ("AT", "01", 2.0)]


@pytest.fixture
def connection(tmp_path: Path):
    with duckdb.connect() as made:
        made.execute(f"ATTACH '{tmp_path / 'build.duckdb'}' AS build")
        made.execute(f"ATTACH '{tmp_path / 'sealed.duckdb'}' AS sealed")
        made.execute("CREATE SCHEMA build.marts")
        made.execute("CREATE TABLE build.marts.flow (reporter_code VARCHAR, product_code VARCHAR, value DOUBLE)")
        made.executemany("INSERT INTO build.marts.flow VALUES (?, ?, ?)", ROWS)
        yield made


def sealed(connection: duckdb.DuckDBPyConnection, share: Share) -> list[tuple]:
    _copy_table(connection, TABLE, share, [])
    return connection.execute("FROM sealed.marts.flow").fetchall()


def test_rows_lie_by_the_key_that_is_named(connection) -> None:
    share = Share(codes_as_enum=True, order_by=["product_code", "reporter_code"])
    assert sealed(connection, share) == sorted(ROWS, key=lambda row: (row[1], row[0]))
    types = connection.execute("SELECT typeof(reporter_code), typeof(value) FROM sealed.marts.flow LIMIT 1").fetchone()
    assert types[0].startswith("ENUM") and types[1] == "DOUBLE"


def test_without_a_key_rows_lie_by_all_columns(connection) -> None:
    assert sealed(connection, Share()) == sorted(ROWS)


def test_a_key_the_build_does_not_have_is_refused(connection) -> None:
    with pytest.raises(KettenwerkError, match="hs6_code does not exist"):
        sealed(connection, Share(order_by=["hs6_code"]))


def test_trade_lies_by_its_whole_key() -> None:
    """Each row has one place, so that the same content lies in the same order every time."""
    contract = (Path(__file__).parents[2] / "fixtures" / "contract.sql").read_text(encoding="utf-8")
    table = contract.split("CREATE TABLE marts.fct_trade_flow")[1]
    key = table.split("PRIMARY KEY (")[1].split(")")[0].split(", ")
    assert sorted(audience_table().tables_of("analyst")[("marts", "fct_trade_flow")].order_by) == sorted(key)
