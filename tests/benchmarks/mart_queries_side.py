"""The sides of the mart query benchmark: four questions to the warehouse's own table, and to raw Parquet two ways.

``python -m tests.benchmarks.mart_queries_side native|duckdb|polars FOLDER [keep]``: Q1 to Q4 one after the other, each
answer whole in memory as Arrow; with ``keep`` they are afterwards, not measured, written beside the data.
``build|seal FOLDER`` makes the native table.

Q1: concentration of the origins (HHI) by year, importer and product. Q2: the EU's three import dependency indicators by
year and product, the EU as one importer. Q3: the three largest origins by importer and product in the newest year. Q4:
imports by year, importer and product with their change on the year before.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from polars import selectors as cs

from tests.benchmarks.mart_queries_data import MEMBERS, YEARS, make_build, seal_fact
from tests.benchmarks.sides import report, timed

# Both SQL sides ask the same; only table, columns and the test for membership are written differently.
QUERIES = {
    "Q1": """
        SELECT {year} AS year, {importer} AS importer, {product} AS product, sum(value_usd) AS value,
            sum(value_usd * value_usd) / (sum(value_usd) * sum(value_usd)) AS hhi, count(*) AS origins
        FROM {table} GROUP BY ALL""",
    "Q2": """
        WITH imported AS (
            SELECT {year} AS year, {product} AS product, {exporter} AS origin, sum(value_usd) AS value
            FROM {table} WHERE {eu_imports} GROUP BY ALL
        ),
        by_product AS (
            SELECT year, product, sum(value) AS everything,
                sum(value) FILTER (NOT {eu_origin}) AS extra,
                sum(value * value) FILTER (NOT {eu_origin}) AS squared
            FROM imported GROUP BY ALL
        ),
        exported AS (
            SELECT {year} AS year, {product} AS product, sum(value_usd) AS value
            FROM {table} WHERE {eu_exports} AND NOT {eu_imports} GROUP BY ALL
        )
        SELECT b.year, b.product, squared / (extra * extra) AS cdi1, extra / everything AS cdi2, extra / e.value AS cdi3
        FROM by_product b LEFT JOIN exported e ON b.year = e.year AND b.product = e.product""",
    "Q3": """
        SELECT importer, product, origin, value, place FROM (
            SELECT {importer} AS importer, {product} AS product, {exporter} AS origin, value_usd AS value,
                row_number() OVER (PARTITION BY {importer}, {product} ORDER BY value_usd DESC, {exporter}) AS place
            FROM {table} WHERE {newest}
        ) WHERE place <= 3""",
    "Q4": """
        WITH yearly AS (
            SELECT {year} AS year, {importer} AS importer, {product} AS product, sum(value_usd) AS value
            FROM {table} GROUP BY ALL
        )
        SELECT y.year, y.importer, y.product, y.value, y.value / b.value - 1 AS change
        FROM yearly y LEFT JOIN yearly b ON y.importer = b.importer AND y.product = b.product AND y.year = {year_after}""",
}
KEYS = {
    "Q1": ["year", "importer", "product"],
    "Q2": ["year", "product"],
    "Q3": ["importer", "product", "place"],
    "Q4": ["year", "importer", "product"],
}


def names(side: str, folder: Path) -> dict[str, str]:
    """What the two SQL sides call table and columns, and membership in the form that is fastest for each.

    The own table may hold other sources and vintages; BACI is stored once, as exports.
    """
    members = ", ".join(map(repr, MEMBERS))
    if side == "duckdb":
        columns = {"year": "year", "importer": "importer", "exporter": "exporter", "product": "hs6"}
        table, newest = f"read_parquet('{folder / 'trade-*.parquet'}')", f"year = {max(YEARS)}"
        form, after = f"({{}} IN ({members}))", "b.year + 1"
    else:
        columns = {
            "year": "period_start",
            "importer": "partner_code",
            "exporter": "reporter_code",
            "product": "hs6_code",
        }
        # With = or IN and a text an ENUM is compared as text, row by row.
        source = "CAST('baci' AS marts.fct_trade_flow_source_id)"
        table = f"(FROM marts.fct_trade_flow WHERE source_id = {source} AND is_latest_vintage)"
        newest = f"period_start = DATE '{max(YEARS)}-01-01'"
        form, after = f"list_contains([{members}], {{}})", "CAST(b.year + INTERVAL 1 YEAR AS DATE)"
    eu = {"eu_imports": form.format(columns["importer"]), "eu_exports": form.format(columns["exporter"])}
    return {**columns, **eu, "eu_origin": form.format("origin"), "table": table, "newest": newest, "year_after": after}


def ask(side: str, folder: Path, answers: dict[str, pa.Table]) -> dict[str, Any]:
    """The four questions in SQL."""
    steps: dict[str, float] = {}
    words = names(side, folder)
    database = str(folder / "analyst.duckdb") if side == "native" else ":memory:"
    with duckdb.connect(database, read_only=side == "native") as connection:
        connection.execute("SET preserve_insertion_order = false")
        for query, text in QUERIES.items():
            with timed(steps, query):
                answers[query] = connection.execute(text.format(**words)).to_arrow_table()
    return {"steps": steps}


def ask_polars(folder: Path, answers: dict[str, pa.Table]) -> dict[str, Any]:
    """The four questions as lazy Polars, collected by the streaming engine."""
    steps: dict[str, float] = {}
    flows = pl.scan_parquet(folder / "trade-*.parquet").rename({"hs6": "product"})
    value, group = pl.col("value_usd"), ["year", "importer", "product"]
    of_member, by_member = pl.col("importer").is_in(MEMBERS), pl.col("exporter").is_in(MEMBERS)
    intra = pl.col("origin").is_in(MEMBERS)
    by_origin = (
        flows.filter(of_member).group_by("year", "product", pl.col("exporter").alias("origin")).agg(value=value.sum())
    )
    by_product = by_origin.group_by("year", "product").agg(
        everything=pl.col("value").sum(),
        # A sum of nothing is 0 here and NULL in SQL.
        extra=pl.when((~intra).any()).then(pl.col("value").filter(~intra).sum()),
        squared=(pl.col("value") ** 2).filter(~intra).sum(),
    )
    exported = flows.filter(by_member & ~of_member).group_by("year", "product").agg(value=value.sum())
    yearly = flows.group_by(group).agg(value=value.sum())
    before = yearly.select(pl.col("year") + 1, "importer", "product", before="value")
    queries = {
        "Q1": flows.group_by(group).agg(value=value.sum(), hhi=(value**2).sum() / value.sum() ** 2, origins=pl.len()),
        "Q2": by_product.join(exported, on=["year", "product"], how="left").select(
            "year", "product", cdi1=pl.col("squared") / pl.col("extra") ** 2,
            cdi2=pl.col("extra") / pl.col("everything"), cdi3=pl.col("extra") / pl.col("value"),
        ),
        # Rows of a year lie in the order of exporters, so equal values rank as in SQL.
        "Q3": flows.filter(pl.col("year") == max(YEARS))
        .select("importer", "product", origin="exporter", value=value, place=value.rank("ordinal", descending=True).over("importer", "product"))
        .filter(pl.col("place") <= 3),
        "Q4": yearly.join(before, on=group, how="left").select(
            *group, "value", change=pl.col("value") / pl.col("before") - 1
        ),
    }  # fmt: skip
    for query, frame in queries.items():
        with timed(steps, query):
            answers[query] = frame.collect(engine="streaming").to_arrow()
    return {"steps": steps}


def keep(side: str, folder: Path, answers: dict[str, pa.Table]) -> None:
    """Answers in one form and order, so that they can be compared."""
    for query, table in answers.items():
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        frame = frame.with_columns(cs.date().dt.year())
        texts = [c for c in frame.columns if c in ("importer", "product", "origin")]
        numbers = [c for c in ("year", "place", "origins") if c in frame.columns]
        frame = frame.with_columns(pl.col(texts).cast(pl.String), pl.col(numbers).cast(pl.Int64))
        frame.sort(KEYS[query]).write_parquet(folder / f"{side}-{query}.parquet", compression="lz4")


def main(side: str, folder: Path) -> None:
    answers: dict[str, pa.Table] = {}
    if side == "build" or side == "seal":
        return report(lambda: (make_build if side == "build" else seal_fact)(folder))
    report(lambda: ask_polars(folder, answers) if side == "polars" else ask(side, folder, answers))
    if len(sys.argv) > 3:
        keep(side, folder, answers)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
