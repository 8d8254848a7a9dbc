"""The five components of the market-fit score, and how they become one number.

Belongs here: each component from its inputs with its own "cannot be computed" (NaN), and the combination.
Does not: choosing candidates, ranking, wording.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from warehouse.methods.arrays import FloatArray
from warehouse.methods.breakpoints import piecewise_score
from warehouse.methods.market_fit_config import (
    AUTOMOTIVE_CURVE,
    COMPONENTS,
    LOG_SCALED,
    MARKET_INPUTS,
    OTHER_CURVE,
    MarketFitConfig,
)

SCORE_COLUMNS = tuple(f"{name}_score" for name in COMPONENTS)
# Log of a zero score: its weighted exponential is 0 to every digit kept, and never NaN as 0 x -inf would be.
LOG_OF_NOTHING = -1e6


def relatedness(company_products: pl.DataFrame, proximity: pl.DataFrame, config: MarketFitConfig) -> pl.DataFrame:
    """Per company and product: best_proximity, relatedness_density and related_count over the company's products.

    A product the company makes has proximity 1; pairs that are not listed count as 0. Shares weigh as band midpoints,
    so that published densities do not give an exact share away; products without a share split what is left of 100 %.
    """
    own = _banded_weights(company_products, config.share_band_width_pct)
    codes = own.select(pl.col("hs6_code").unique().sort())
    pairs = proximity.select(made="product_code_a", target="product_code_b", phi=pl.col("proximity").cast(pl.Float64))
    both_ways = pl.concat([pairs, pairs.select(made="target", target="made", phi="phi")])
    near = both_ways.join(codes, left_on="made", right_on="hs6_code", how="semi").filter(pl.col("phi").is_finite())
    itself = codes.select(made="hs6_code", target="hs6_code", phi=pl.lit(1.0))
    return (
        own.join(pl.concat([near, itself]), left_on="hs6_code", right_on="made", maintain_order="left_right")
        .group_by("company_id", "target")
        .agg(
            best_proximity=pl.col("phi").max(),
            # Rounded because the order of a sum may differ from run to run, and equal runs must be equal files.
            relatedness_density=(pl.col("phi") * pl.col("weight")).sum().round(12).clip(0, 1),
            related_count=(pl.col("phi") >= config.candidate_proximity_floor).sum().cast(pl.Int32),
        )
        .filter(pl.col("best_proximity") >= config.candidate_proximity_floor)
        .rename({"target": "hs6_code"})
        .sort("company_id", "hs6_code")
    )


def _banded_weights(company_products: pl.DataFrame, band_width: float) -> pl.DataFrame:
    """company_id, hs6_code, weight; the weights of a company sum to 1."""
    share = pl.col("product_share_pct").cast(pl.Float64).fill_nan(None)
    # 100 % belongs to the last band, not to one of its own.
    midpoint = ((share / band_width).floor() + 0.5) * band_width
    last = ((100 - 1e-9) // band_width + 0.5) * band_width
    left_over = (100 - pl.col("banded").sum()).clip(lower_bound=0) / pl.col("banded").null_count()
    weight = pl.col("banded").fill_null(left_over)
    equal = 1 / pl.len()
    return (
        company_products.filter(pl.col("hs6_code").is_not_null())
        .group_by("company_id", "hs6_code", maintain_order=True)
        .agg(pl.when(share.count() > 0).then(share.sum()).alias("product_share_pct"))
        .with_columns(banded=pl.min_horizontal(midpoint, pl.lit(last)).clip(lower_bound=0))
        .with_columns(banded=pl.when(share.is_not_null()).then("banded"))
        .sort("company_id", "hs6_code")
        .with_columns(weight=weight.over("company_id"))
        .with_columns(total=pl.col("weight").sum().over("company_id"), equal=equal.over("company_id"))
        .select(
            "company_id",
            "hs6_code",
            weight=pl.when(pl.col("total") > 0).then(pl.col("weight") / pl.col("total")).otherwise("equal"),
        )
    )


def input_scores(markets: pl.DataFrame, config: MarketFitConfig) -> dict[str, FloatArray]:
    """0 to 100 for every market input by its curve, NaN where the input is missing."""
    return {
        name: piecewise_score(
            markets[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
            config.breakpoints[name],
            log_scaled=name in LOG_SCALED,
        )
        for names in MARKET_INPUTS.values()
        for name in names
    }


def market_components(scores: Mapping[str, FloatArray], config: MarketFitConfig) -> dict[str, FloatArray]:
    """demand, access and resilience: weighted means of their inputs; missing inputs drop out, none left is NaN."""
    out: dict[str, FloatArray] = {}
    for component, names in MARKET_INPUTS.items():
        table = np.stack([scores[name] for name in names])
        given = config.part_weights.get(component, {})
        weight = np.array([given.get(name, 1.0) for name in names])[:, None] * ~np.isnan(table)
        total = weight.sum(axis=0)
        filled = np.where(np.isnan(table), 0.0, table)
        out[component] = (weight * filled).sum(axis=0) / np.where(total > 0, total, np.nan)
    return out


def diversification(automotive_band_mid_pct: float | None, config: MarketFitConfig) -> tuple[float, float]:
    """The scores of a target outside and inside the automotive industry for a company with this band midpoint."""
    band = np.array([np.nan if automotive_band_mid_pct is None else automotive_band_mid_pct], dtype=np.float64)
    outside = piecewise_score(band, config.breakpoints[OTHER_CURVE])
    inside = piecewise_score(band, config.breakpoints[AUTOMOTIVE_CURVE])
    return float(outside[0]), float(inside[0])


def combine(components: FloatArray, weights: FloatArray) -> FloatArray:
    """fit[V,n] for components[5,n] in the order of COMPONENTS and weights[V,5].

    Capability and demand meet in their weighted geometric mean, so that size cannot replace ability; that core counts
    with both weights beside the arithmetic rest. A missing component drops out and the other weights fill its place.
    """
    known = ~np.isnan(components)
    filled = np.where(known, components, 0.0)
    logs = np.full((2, components.shape[1]), LOG_OF_NOTHING)
    np.log(filled[:2], out=logs, where=filled[:2] > 0)
    logs[~known[:2]] = 0.0
    indicator = known.astype(np.float64)
    core_weight = weights[:, :2] @ indicator[:2]
    total = core_weight + weights[:, 2:] @ indicator[2:]
    core = np.exp((weights[:, :2] @ logs) / np.where(core_weight > 0, core_weight, 1.0))
    score = core_weight * core + weights[:, 2:] @ filled[2:]
    return np.clip(score / np.where(total > 0, total, np.nan), 0.0, 100.0)


def fit_from_components(components: pl.DataFrame, weights: Mapping[str, float]) -> pl.Series:
    """The fit score from the five stored *_score columns: what a reader needs to recompute a published row."""
    table = np.stack([components[c].cast(pl.Float64).fill_null(float("nan")).to_numpy() for c in SCORE_COLUMNS])
    vector = np.array([[weights[name] for name in COMPONENTS]], dtype=np.float64)
    return pl.Series("fit_score", combine(table, vector)[0]).fill_nan(None)
