"""Volume: are the tables there, full enough, and close to what was served before?"""

from __future__ import annotations

import great_expectations.expectations as gxe
import pandas as pd

from quality.batches import Context, columns
from quality.check import Check


def floors(context: Context) -> pd.DataFrame:
    """Rows of every published table beside its floor."""
    limits: dict[str, int] = context.limit("MRT-002", "min_rows", {})
    rows = context.rows()
    rows = rows[rows["kind"] == "rows"]
    best = rows.groupby("table")["after"].max().reset_index()
    best["table_name"] = best["table"].str.split(".").str[-1]
    best["floor"] = best["table_name"].map(limits).fillna(0).astype(float)
    best["missing_rows"] = best["floor"] - best["after"]
    return best[best["missing_rows"].notna()]


def movement(context: Context) -> pd.DataFrame:
    """Rows against the served release, in percent; tables that were or are empty stay out."""
    rows = context.rows()
    return rows[(rows["kind"] == "rows") & rows["change_pct"].notna()].astype({"change_pct": float})


def totals(context: Context) -> pd.DataFrame:
    """Headline totals against the served release, in percent."""
    rows = context.rows()
    return rows[(rows["kind"] == "total") & rows["change_pct"].notna()].astype({"change_pct": float})


def lost_tables(context: Context) -> pd.DataFrame:
    """Tables that the served release has and the candidate lacks."""
    rows = context.rows()
    lost = rows[(rows["kind"] == "rows") & rows["before"].notna() & rows["after"].isna()]
    return pd.DataFrame({"lost": [len(lost)], "tables": [", ".join(lost["table"]) if len(lost) else ""]})


def uncommented(context: Context) -> pd.DataFrame:
    """Published columns without a description."""
    return pd.DataFrame(
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
            observed=lambda f: float(f["missing_rows"].max()),
        ),
        Check(
            "REL-001", "release", context.severity("REL-001"), movement,
            gxe.ExpectColumnValuesToBeBetween(column="change_pct", min_value=-fall),
            f"rows fell by more than {fall:g} % against the served release in {{worst}}", "rows_fall", low=-fall,
            observed=lambda f: float(f["change_pct"].min()),
        ),
        Check(
            "REL-001", "release", "warn", movement,
            gxe.ExpectColumnValuesToBeBetween(column="change_pct", max_value=rise),
            f"rows rose by more than {rise:g} % against the served release in {{worst}}", "rows_rise", high=rise,
            observed=lambda f: float(f["change_pct"].max()),
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
            observed=lambda f: float(f["change_pct"].abs().max()),
        ),
        Check(
            "BIX-007", "release", context.severity("BIX-007", "warn"), uncommented,
            gxe.ExpectColumnValuesToNotBeNull(column="comment"),
            "columns without a description: {worst}", "comments",
        ),
    ]  # fmt: skip
