"""Invented bilateral trade of true size, as raw Parquet with text codes and as the warehouse's own table.

Belongs here: the generator (fixed seed, trade that lasts over the years) and the two steps that make the native table:
the fact as the build has it, then the copy for analysts exactly as the seal makes it. Does not belong here: queries.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from warehouse.privacy.audiences import audience_table
from warehouse.seal import STORAGE_VERSION, _copy_table

SEED = 2023
COUNTRIES, PRODUCTS = 230, 5000
YEARS = tuple(range(2019, 2024))
# Share of all trade relations that trade in a given year.
YEARLY_SHARE = 0.75
FACT = ("marts", "fct_trade_flow")
MEMBERS = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
           "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")  # fmt: skip
# What the model fct_trade_flow makes of a BACI year; the values are in thousands of dollars there.
FACT_SQL = """
CREATE TABLE marts.fct_trade_flow AS
SELECT
    'baci' AS source_id, exporter AS reporter_code, importer AS partner_code, 'HS2017' AS classification_code,
    hs6 AS product_code, 6 AS product_level, hs6 AS hs6_code, 'export' AS flow_code,
    make_date(year, 1, 1) AS period_start, 'year' AS period_type_code, 'V202501' AS vintage_id,
    value_usd / 1.08 AS value_eur, value_usd, net_mass_kg, NULL::DOUBLE AS supplementary_quantity,
    NULL::VARCHAR AS supplementary_unit_code, 'none' AS confidentiality_code, 'ok' AS value_status_code,
    true AS is_latest_vintage, 'baci-flow-' || year AS snapshot_id
FROM read_parquet('{files}')
"""


def countries() -> list[str]:
    """Two letters each, the members of the EU among them; the others stand for no country."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    others = [a + b for a in letters for b in letters if a + b not in MEMBERS]
    return sorted([*MEMBERS, *others[: COUNTRIES - len(MEMBERS)]])


def write_years(folder: Path, rows: int) -> int:
    """One file a year: year, exporter, importer, hs6, value_usd, net_mass_kg; in BACI's order. Gives the rows written."""
    random = np.random.default_rng(SEED)
    wanted = int(rows / len(YEARS) / YEARLY_SHARE)
    keys = _relations(random, wanted)
    size = random.normal(3, 2, len(keys)).astype(np.float32)
    code, product = pl.Series(countries()), pl.Series([f"{10_101 + 197 * i:06}" for i in range(PRODUCTS)])
    written = 0
    for year in YEARS:
        is_traded = random.random(len(keys), dtype=np.float32) < YEARLY_SHARE
        key = keys[is_traded]
        value = np.round(1000 * np.exp(size[is_traded] + random.normal(0, 0.4, len(key))), 0) + 1
        pl.DataFrame(
            {
                "year": np.full(len(key), year, dtype=np.int16),
                "exporter": code.gather(key // (COUNTRIES * PRODUCTS)),
                "importer": code.gather(key // PRODUCTS % COUNTRIES),
                "hs6": product.gather(key % PRODUCTS),
                "value_usd": value,
                "net_mass_kg": np.round(value / np.exp(random.normal(1, 1, len(key))), 0),
            }
        ).write_parquet(folder / f"trade-{year}.parquet")
        written += len(key)
    return written


def _relations(random: np.random.Generator, count: int) -> np.ndarray:
    """Sorted keys of exporter, importer and product; few countries have most of them, nobody trades with itself."""
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < count:
        drawn = (count - len(keys)) * 3 // 2
        exporter, importer = ((COUNTRIES * random.random(drawn) ** power).astype(np.int64) for power in (2.0, 1.3))
        product = (PRODUCTS * random.random(drawn) ** 1.2).astype(np.int64)
        # The ends of the alphabet are not the largest traders: spread by a step that meets every number once.
        exporter, importer = exporter * 67 % COUNTRIES, importer * 67 % COUNTRIES
        new = ((exporter * COUNTRIES + importer) * PRODUCTS + product)[exporter != importer]
        keys = np.unique(np.concatenate([keys, new]))
    return np.sort(random.permutation(keys)[:count])


def make_build(folder: Path) -> None:
    """The build file with the fact, codes as text."""
    (folder / "build.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("CREATE SCHEMA marts")
        connection.execute(FACT_SQL.format(files=folder / "trade-*.parquet"))


def seal_fact(folder: Path) -> None:
    """``analyst.duckdb`` with the fact as analysts get it, by the seal's own function."""
    (folder / "analyst.duckdb").unlink(missing_ok=True)
    share = audience_table().tables_of("analyst")[FACT]
    with duckdb.connect() as connection:
        connection.execute(f"SET temp_directory = '{folder / 'spill'}'")
        connection.execute(f"ATTACH '{folder / 'build.duckdb'}' AS build (READ_ONLY)")
        connection.execute(f"ATTACH '{folder / 'analyst.duckdb'}' AS sealed (STORAGE_VERSION '{STORAGE_VERSION}')")
        _copy_table(connection, FACT, share, [])
