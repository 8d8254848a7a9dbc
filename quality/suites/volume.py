"""Volume: are the tables there, full enough, and close to what was served before?"""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context, columns
from quality.check import Check, highest, lowest


def floors(context: Context) -> pl.DataFrame:
    """Rows of every published table beside its floor."""
    limits: dict[str, int] = context.limit("MRT-002", "min_rows", {})
    floor = pl.col("table").str.split(".").list.last().replace_strict(limits, default=0, return_dtype=pl.Float64)
    return (
        context.rows()
        .filter(pl.col("kind") == "rows", pl.col("after").is_not_null())
        .group_by("table", maintain_order=True)
        .agg(pl.col("after").max())
        .with_columns((floor - pl.col("after")).alias("missing_rows"))
    )


def movement(context: Context) -> pl.DataFrame:
    """Rows against the served release, in percent; tables that were or are empty stay out."""
    return context.rows().filter(pl.col("kind") == "rows", pl.col("change_pct").is_not_null())


def totals(context: Context) -> pl.DataFrame:
    """Headline totals against the served release, in percent."""
    return context.rows().filter(pl.col("kind") == "total", pl.col("change_pct").is_not_null())


def lost_tables(context: Context) -> pl.DataFrame:
    """Tables that the served release has and the candidate lacks."""
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
    fall = float(context.limit("REL-001", "rows_fall_max_pct", 10))
    rise = float(context.limit("REL-001", "rows_rise_max_pct", 200))
    change = context.limit("REL-002", "change_max_pct", 15)
    total = float(max(change.values())) if isinstance(change, dict) and change else 15.0
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
            "REL-001", "release", context.severity("REL-001"), lost_tables,
            gxe.ExpectColumnValuesToBeInSet(column="lost", value_set=[0]),
            "tables of the served release are missing: {worst}", "lost_tables", high=0.0,
        ),
        Check(
            "REL-002", "release", context.severity("REL-002"), totals,
            gxe.ExpectColumnValuesToBeBetween(column="change_pct", min_value=-total, max_value=total),
            f"a headline total moved by more than {total:g} % in {{worst}}", "totals", low=-total, high=total,
            observed=highest("change_pct"),
        ),
        Check(
            "BIX-007", "release", context.severity("BIX-007", "warn"), uncommented,
            gxe.ExpectColumnValuesToNotBeNull(column="comment"),
            "columns without a description: {worst}", "comments",
        ),
    ]  # fmt: skip
