"""Volume: are the tables there, full enough, and close to what was served before?"""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context, columns
from quality.check import Check, highest, lowest


def floors(context: Context) -> pl.DataFrame:
    """Rows of every published table beside its floor."""
    limits: dict[str, int] = context.limit("MRT-002", "min_rows")
    rows = context.rows().filter(pl.col("kind") == "rows").group_by("table").agg(pl.col("after").max().fill_null(0))
    there = {str(name).split(".")[-1]: float(count) for name, count in rows.iter_rows()}
    found = [
        (table, there.get(table, 0.0), float(floor), floor - there.get(table, 0.0)) for table, floor in limits.items()
    ]
    schema = {"table": pl.String, "rows": pl.Float64, "floor": pl.Float64, "missing_rows": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


def movement(context: Context) -> pl.DataFrame:
    """Rows against the served release, in percent; tables that were or are empty stay out."""
    return context.rows().filter(pl.col("kind") == "rows", pl.col("change_pct").is_not_null())


def totals(context: Context) -> pl.DataFrame:
    """Headline totals against the served release beside their limits, in percent."""
    limits: dict[str, float] = context.limit("REL-002", "change_max_pct")
    rows = context.rows().filter(pl.col("kind") == "total", pl.col("change_pct").is_not_null())
    limit = pl.col("table").replace_strict(limits, default=None, return_dtype=pl.Float64)
    return rows.with_columns(limit.alias("limit_pct"), pl.col("change_pct").abs()).drop_nulls("limit_pct")


def lost_tables(context: Context) -> pl.DataFrame:
    """Tables that the served release has and the candidate lacks: a decision of the audience table, worth telling."""
    lost = context.rows().filter(pl.col("kind") == "rows", pl.col("before").is_not_null(), pl.col("after").is_null())
    return pl.DataFrame({"lost": [lost.height], "tables": [", ".join(lost["table"])]})


def uncommented(context: Context) -> pl.DataFrame:
    """Published columns without a description."""
    return pl.DataFrame(
        [
            {"audience": audience, "column": f"{schema}.{table}.{column}", "comment": comment}
            for audience in ("bi", "analyst", "advisory")
            for schema, table, column, _, comment in columns(context.candidate, audience)
        ]
    )


def checks(context: Context) -> list[Check]:
    """Floors fail, ceilings warn."""
    fall = float(context.limit("REL-001", "rows_fall_max_pct"))
    rise = float(context.limit("REL-001", "rows_rise_max_pct"))
    return [
        Check(
            "MRT-002", "release", context.severity("MRT-002"), floors,
            gxe.ExpectColumnValuesToBeBetween(column="missing_rows", max_value=0),
            "fewer rows than the floor in {worst}", "row_floor", high=0.0,
            observed=highest("missing_rows"),
        ),
        Check(
            "REL-001", "release", context.severity("REL-001"), movement,
            gxe.ExpectColumnValuesToBeBetween(column="change_pct", min_value=-fall),
            f"rows fell by more than {fall:g} % against the served release in {{worst}}", "rows_fall", low=-fall,
            observed=lowest("change_pct"),
        ),
        Check(
            "REL-001", "release", "warn", movement,
            gxe.ExpectColumnValuesToBeBetween(column="change_pct", max_value=rise),
            f"rows rose by more than {rise:g} % against the served release in {{worst}}", "rows_rise", high=rise,
            observed=highest("change_pct"),
        ),
        Check(
            "REL-001", "release", "warn", lost_tables,
            gxe.ExpectColumnValuesToBeInSet(column="lost", value_set=[0]),
            "tables of the served release are missing: {worst}", "lost_tables", high=0.0,
        ),
        Check(
            "REL-002", "release", context.severity("REL-002"), totals,
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="limit_pct", column_B="change_pct", or_equal=True),
            "a headline total moved further than its limit in {worst}", "totals", observed=highest("change_pct"),
        ),
        Check(
            "BIX-007", "release", context.severity("BIX-007"), uncommented,
            gxe.ExpectColumnValuesToNotBeNull(column="comment"),
            "columns without a description: {worst}", "comments",
        ),
    ]  # fmt: skip
