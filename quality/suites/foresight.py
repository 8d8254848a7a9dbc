"""Foresight: does the score still foretell, and does it say the same as before?

Belongs here: the back-test beside its naive models and the served release's, ranks beside the served release's. Does not belong
here: the back-test itself (warehouse.methods.backtest).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import great_expectations.expectations as gxe
import polars as pl

from quality.batches import Context
from quality.check import Check, highest, lowest
from warehouse.methods.backtest_models import BASELINES, SCORED_MODEL
from warehouse.seal import reading

MEASURES = ("auc", "precision_at_20")
BACKTEST = ("meta.backtest",)
RANKS = ("marts.mart_market_fit",)
COMPARED = {
    "measure": pl.String, "window": pl.String, "observed": pl.Float64, "compared_with": pl.String, "other": pl.Float64,
    "too_little": pl.Float64,
}  # fmt: skip
CHURN = {"companies": pl.Int64, "rearranged": pl.Int64, "lowest_spearman": pl.Float64}


def newest_window(folder: Path | None) -> pl.DataFrame:
    """Rows of the newest window of a release's back-test; empty where there is no release, table or row."""
    if folder is None:
        return pl.DataFrame()
    try:
        with reading(folder, "bi") as connection:
            rows = connection.execute("SELECT * FROM meta.backtest").pl()
    except duckdb.CatalogException:  # an older release may not have the table yet
        return pl.DataFrame()
    return rows.filter(pl.col("test_until_year") == pl.col("test_until_year").max())


def lead(context: Context) -> pl.DataFrame:
    """How far the score's model is ahead of the better naive one in the newest window, and how much of its lead is missing."""
    limits: dict[str, float] = context.limit("MRT-017", "lead_min")
    rows = newest_window(context.candidate)
    found = [
        (
            measure,
            _years(own),
            own[measure],
            best["model_code"],
            best[measure],
            limits[measure] - own[measure] + best[measure],
        )
        for own in _model(rows, SCORED_MODEL)
        for measure in MEASURES
        for best in rows.filter(pl.col("model_code").is_in(BASELINES)).sort(measure).tail(1).iter_rows(named=True)
    ]
    return pl.DataFrame(found, schema=COMPARED, orient="row")


def fall(context: Context) -> pl.DataFrame:
    """The score's model in the newest window of the candidate and of the served release, and by how much it fell too far."""
    limits: dict[str, float] = context.limit("MRT-017", "fall_max")
    now, before = newest_window(context.candidate), newest_window(context.served)
    found = [
        (measure, _years(new), new[measure], _years(old), old[measure], old[measure] - new[measure] - limits[measure])
        for new in _model(now, SCORED_MODEL)
        for old in _model(before, SCORED_MODEL)
        for measure in MEASURES
    ]
    return pl.DataFrame(found, schema=COMPARED, orient="row")


def _model(rows: pl.DataFrame, model: str) -> list[dict[str, Any]]:
    """The row of one model, none where there is no window; a back-test without an outcome has no row at all."""
    if rows.is_empty():
        return []
    return rows.filter(pl.col("model_code") == model).sort("score_version").tail(1).to_dicts()


def _years(row: dict[str, Any]) -> str:
    return f"{row['train_until_year']}-{row['test_until_year']}"


def churn(context: Context) -> pl.DataFrame:
    """Companies whose targets were ranked in the served release too, by the same version, and how many were rearranged.

    Counts only: which companies these are is nobody's business who reads the status of a release. Empty without such companies.
    """
    least, targets = float(context.limit("MRT-006", "spearman_min")), int(context.limit("MRT-006", "targets_min"))
    ranks = "SELECT company_id, target_market_id, score_version, rank_in_company FROM marts.mart_market_fit"
    if context.served is None:
        return pl.DataFrame(schema=CHURN)
    with reading(context.served, "analyst") as connection:
        before = connection.execute(ranks).pl()
    per_company = spearman_per_company(before, context.frame("analyst", ranks), targets)
    if per_company.is_empty():
        return pl.DataFrame(schema=CHURN)
    return per_company.select(
        companies=pl.len().cast(pl.Int64),
        rearranged=(pl.col("spearman") < least).sum().cast(pl.Int64),
        lowest_spearman=pl.col("spearman").min(),
    )


def spearman_per_company(before: pl.DataFrame, after: pl.DataFrame, targets_min: int) -> pl.DataFrame:
    """company_id, spearman of its ranks before and after, for companies in both with at least so many targets in all.

    A target that only one of the two ranks stands behind all the other's: losing one's best target is a change too.
    """
    key = ["company_id", "score_version"]
    both = before.select(key).unique().join(after.select(key).unique(), on=key)
    sides = [side.join(both, on=key, how="semi") for side in (before, after)]
    joined = sides[0].join(sides[1], on=[*key, "target_market_id"], how="full", coalesce=True)
    last = [pl.col(name).fill_null(pl.col(name).max().over(key) + 1).rank().over(key) for name in
            ("rank_in_company", "rank_in_company_right")]  # fmt: skip
    return (
        joined.with_columns(last)
        .group_by(key)
        .agg(spearman=pl.corr("rank_in_company", "rank_in_company_right"), targets=pl.len())
        .filter(pl.col("targets") >= targets_min, pl.col("spearman").is_not_nan())
        .select("company_id", "spearman")
        .sort("company_id")
    )


def checks(context: Context) -> list[Check]:
    """Ranks against the served release; the back-test against naive models and the served release."""
    least = float(context.limit("MRT-006", "spearman_min"))
    return [
        Check("MRT-006", "mart_market_fit", context.severity("MRT-006"), churn,
              gxe.ExpectColumnValuesToBeInSet(column="rearranged", value_set=[0]),
              f"targets of companies were rearranged against the served release, Spearman below {least:g}, though the score's version "
              "is the same: {worst}; say in the release's note what changed",
              "rank_churn", RANKS, low=least, observed=lowest("lowest_spearman")),
        Check("MRT-017", "backtest", context.severity("MRT-017"), lead,
              gxe.ExpectColumnValuesToBeBetween(column="too_little", max_value=1e-9),
              "the score foretells no better than a naive model: {worst}",
              "beats_naive_models", BACKTEST, high=0.0, observed=highest("too_little")),
        Check("MRT-017", "backtest", context.severity("MRT-017"), fall,
              gxe.ExpectColumnValuesToBeBetween(column="too_little", max_value=1e-9),
              "the score foretells worse than in the served release: {worst}",
              "foretells_as_before", BACKTEST, high=0.0, observed=highest("too_little")),
    ]  # fmt: skip
