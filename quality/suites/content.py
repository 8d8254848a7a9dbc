"""Content: are values filled, finite, within their scale, and explained?"""

from __future__ import annotations

import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context, columns
from quality.check import Check, highest

# Suffix -> (low, high) of the scale; see the naming rules of the house.
SCALES = {"_pct": (0.0, 100.0), "_score": (0.0, 100.0), "_share": (0.0, 1.0)}
# Growth, change and quota columns are percentages that may leave 0 to 100.
OPEN_PERCENT = ("growth", "change", "cagr", "achieved")


def scales(context: Context) -> pl.DataFrame:
    """Smallest and largest value of every score, percentage and share, and how many are not finite."""
    parts = []
    for schema, table, column, kind, _ in columns(context.candidate, "analyst"):
        suffix = next((s for s in SCALES if column.endswith(s)), None)
        if kind == "DOUBLE" and suffix and not any(word in column for word in OPEN_PERCENT):
            low, high = SCALES[suffix]
            parts.append(
                f"SELECT '{schema}.{table}.{column}' AS column_name, coalesce(min({column}), {low}) - {low} AS below, "
                f"coalesce(max({column}), {high}) - {high} AS above, "
                f"count(*) FILTER (NOT isfinite({column})) AS not_finite FROM {schema}.{table}"
            )
    return context.frame("analyst", " UNION ALL ".join(parts))


def not_finite(context: Context) -> pl.DataFrame:
    """NaN and infinity in any published floating point column."""
    parts = [
        f"SELECT '{schema}.{table}.{column}' AS column_name, count(*) FILTER (NOT isfinite({column})) AS n "
        f"FROM {schema}.{table}"
        for schema, table, column, kind, _ in columns(context.candidate, "analyst")
        if kind == "DOUBLE"
    ]
    return context.frame("analyst", " UNION ALL ".join(parts))


def fill_rates(context: Context) -> pl.DataFrame:
    """Share of filled values per watched column, beside its floor, in percent."""
    wanted: dict[str, float] = context.limit("REL-003", "fill_min_pct")
    found = []
    present = {(t, c): s for s, t, c, _, _ in columns(context.candidate, "analyst")}
    for name, floor in wanted.items():
        table, column = name.rsplit(".", 1)
        schema = present.get((table, column))
        if schema is None:
            continue
        query = f"SELECT 100.0 * count({column}) / nullif(count(*), 0) AS filled FROM {schema}.{table}"
        filled = context.frame("analyst", query).item()
        if filled is not None:
            found.append({"column_name": name, "filled_pct": float(filled), "floor_pct": float(floor)})
    schema_of = {"column_name": pl.String, "filled_pct": pl.Float64, "floor_pct": pl.Float64}
    return pl.DataFrame(found, schema=schema_of)


def unexplained(context: Context) -> pl.DataFrame:
    """Market-fit rows without a reason, a counter-reason or evidence."""
    return context.frame(
        "analyst",
        "SELECT count(*) FILTER (reason_1_de IS NULL) AS without_reason, "
        "count(*) FILTER (counter_reason_de IS NULL) + count(*) FILTER (coalesce(evidence_count, 0) < 1) AS unexplained "
        "FROM marts.mart_market_fit",
    )


def versions(context: Context) -> pl.DataFrame:
    """Companies without exactly one current version."""
    return context.frame(
        "analyst",
        "SELECT count(*) AS broken FROM (SELECT company_id FROM marts.dim_company GROUP BY 1 "
        "HAVING count(*) FILTER (is_current) <> 1)",
    )


def mixed(context: Context) -> pl.DataFrame:
    """Observations whose synthetic flag differs from the release's profile."""
    wanted = str(context.is_synthetic).lower()
    return context.frame(
        "analyst",
        f"""SELECT
          (SELECT count(*) FROM meta.snapshot WHERE is_synthetic AND NOT {wanted})
          + (SELECT count(*) FROM marts.dim_company WHERE is_synthetic <> {wanted}) AS mixed""",
    )


def bridge(context: Context) -> pl.DataFrame:
    """Products whose industry weights do not add up to one."""
    return context.frame(
        "bi",
        "SELECT max(abs(total - 1)) AS difference FROM (SELECT sum(weight) AS total FROM marts.bridge_product_industry "
        "GROUP BY classification_code, product_code, wz_revision)",
    )


def checks(context: Context) -> list[Check]:
    """Fill-rate floors, scales, explanations, versions."""
    severity = context.severity
    tolerance = float(context.limit("IDN-006", "weight_sum_tolerance"))
    return [
        Check("MRT-003", "release", severity("MRT-003"), scales,
              gxe.ExpectColumnValuesToBeBetween(column="below", min_value=-1e-9),
              "values below their scale in {worst}", "scale_low", low=0.0),
        Check("MRT-003", "release", severity("MRT-003"), scales,
              gxe.ExpectColumnValuesToBeBetween(column="above", max_value=1e-9),
              "values above their scale in {worst}", "scale_high", high=0.0),
        Check("MRT-003", "release", severity("MRT-003"), not_finite,
              gxe.ExpectColumnValuesToBeInSet(column="n", value_set=[0]),
              "NaN or infinite values in {worst}", "finite", high=0.0, observed=highest("n")),
        Check("REL-003", "release", severity("REL-003"), fill_rates,
              gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="filled_pct", column_B="floor_pct", or_equal=True),
              "fewer values than the floor in {worst}", "fill_rate"),
        Check("MRT-005", "mart_market_fit", severity("MRT-005"), unexplained,
              gxe.ExpectColumnValuesToBeInSet(column="unexplained", value_set=[0]),
              "rows without counter-reason or evidence: {worst}", "explained", ("marts.mart_market_fit",), high=0.0,
              observed=highest("unexplained")),
        Check("MRT-005", "mart_market_fit", severity("MRT-005"), unexplained,
              gxe.ExpectColumnValuesToBeInSet(column="without_reason", value_set=[0]),
              "rows without a reason: {worst}", "reasons", ("marts.mart_market_fit",), high=0.0),
        Check("IDN-001", "dim_company", severity("IDN-001"), versions,
              gxe.ExpectColumnValuesToBeInSet(column="broken", value_set=[0]),
              "companies without exactly one current version: {worst}", "one_current", high=0.0, observed=highest("broken")),
        Check("IDN-006", "bridge_product_industry", severity("IDN-006"), bridge,
              gxe.ExpectColumnValuesToBeBetween(column="difference", max_value=tolerance),
              "industry weights of a product do not add up to 1: {worst}", "weights", ("marts.bridge_product_industry",),
              high=tolerance, observed=highest("difference")),
        Check("LND-007", "release", severity("LND-007"), mixed,
              gxe.ExpectColumnValuesToBeInSet(column="mixed", value_set=[0]),
              "invented and real observations are mixed: {worst}", "synthetic_or_real", high=0.0, observed=highest("mixed")),
    ]  # fmt: skip
