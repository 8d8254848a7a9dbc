"""Worlds a back-test can be held against: the invented one, the EU's real suppliers, and a control with a stranger's relatedness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sample.trade import DYNAMICS, trade_flows
from warehouse.methods.backtest import BacktestConfig, Panel, cases, forecast, judged, known_in, windows
from warehouse.methods.backtest_models import BASELINES, MODELS

WORLD_PARTNERS = ("W00",)
CONTROL_SEED = 11


def invented(seed: int, relatedness: float = DYNAMICS.relatedness) -> pl.DataFrame:
    """Exports of the invented world, with this weight of relatedness (0: the negative control)."""
    flows = trade_flows(seed, replace(DYNAMICS, relatedness=relatedness))
    return flows.group_by("year", location_code="exporter", product_code="product").agg(
        value_usd=pl.col("value_kusd").sum() * 1000
    )


def eu_suppliers(folder: Path, by_market: bool) -> pl.DataFrame:
    """What every country delivered to the EU, 39 codes of wood, paper and furniture, 2018 to 2022; per product or product and importer."""
    rows = pl.read_parquet(folder / "trade" / "eu_imports_2018_2022.parquet").with_columns(
        pl.col("partner_iso", "cmd_code").str.strip_chars()
    )
    product = pl.concat_str("cmd_code", pl.lit(" "), "reporter_iso") if by_market else pl.col("cmd_code")
    return (
        rows.filter(~pl.col("partner_iso").is_in(WORLD_PARTNERS))
        .group_by(year="ref_year", location_code="partner_iso", product_code=product)
        .agg(value_usd=pl.col("primary_value").sum())
        .filter(pl.col("value_usd") > 0)
    )


def stranger(exports: pl.DataFrame, model: str, config: BacktestConfig) -> pl.DataFrame:
    """The model with the relatedness of some other location: what is left of its lead has nothing to do with what a location makes."""
    panel = Panel(exports)
    other = np.random.default_rng(CONTROL_SEED).permutation(panel.shape[0])
    rows = []
    for start, end in windows(panel.years, config.horizon_years):
        test = cases(panel, start, end, config)
        if test.is_mixed:
            taken = known_in(panel, start)["relatedness"][other[test.location], test.product]
            blind = replace(test, features={**test.features, "relatedness": taken})
            rows.append((start, end, *judged(forecast(None, blind, MODELS[model], config.folds), blind, config)))
    names = ["train_until_year", "test_until_year", "auc", "precision_at_20", "calibration_error", "case_count"]
    return pl.DataFrame(rows, schema=names, orient="row")


def leads(told: pl.DataFrame, model: str) -> list[tuple[float, float]]:
    """Lead of a model over the better naive one in AUC and in precision, per window in the order of years."""
    found = []
    for _, window in told.sort("train_until_year").group_by("train_until_year", maintain_order=True):
        own = window.row(by_predicate=pl.col("model_code") == model, named=True)
        naive = window.filter(pl.col("model_code").is_in(BASELINES))
        found.append((own["auc"] - naive["auc"].max(), own["precision_at_20"] - naive["precision_at_20"].max()))
    return found
