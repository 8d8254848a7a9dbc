"""The five components of the market-fit score, and how they become one number.

Belongs here: components from their inputs with their own "cannot be computed" (NaN), and the combination. Does not:
choosing candidates, ranking, wording.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from warehouse.methods.arrays import FloatArray
from warehouse.methods.breakpoints import piecewise_score
from warehouse.methods.market_fit.config import MarketFitConfig
from warehouse.methods.market_fit.inputs import (
    AUTOMOTIVE_CURVE,
    COMPONENTS,
    LOG_SCALED,
    OTHER_CURVE,
    SCORE_COLUMNS,
    TARGET_INPUTS,
)

# Log of a zero score: its weighted exponential is 0 to every digit kept, and never NaN as 0 x -inf would be.
LOG_OF_NOTHING = -1e6


def input_points(targets: pl.DataFrame, route: str, config: MarketFitConfig) -> dict[str, FloatArray]:
    """0 to 100 for every input of a route by its curve, NaN where the input is missing."""
    return {
        name: piecewise_score(
            targets[name].cast(pl.Float64).fill_null(float("nan")).to_numpy(),
            config.breakpoints[name],
            log_scaled=name in LOG_SCALED,
        )
        for names in TARGET_INPUTS[route].values()
        for name in names
    }


def weighted_mean(parts: Sequence[FloatArray], weights: Sequence[float]) -> FloatArray:
    """Mean of the known parts with their weights, NaN where none is known."""
    table = np.stack(parts)
    weight = np.asarray(weights, dtype=np.float64).reshape(-1, *[1] * (table.ndim - 1)) * ~np.isnan(table)
    total = weight.sum(axis=0)
    return (weight * np.where(np.isnan(table), 0.0, table)).sum(axis=0) / np.where(total > 0, total, np.nan)


def target_components(points: Mapping[str, FloatArray], route: str, config: MarketFitConfig) -> dict[str, FloatArray]:
    """demand, access and resilience: weighted means of their inputs; missing inputs drop out, none left is NaN."""
    return {
        component: weighted_mean(
            [points[name] for name in names],
            [config.part_weights[route].get(component, {}).get(name, 1.0) for name in names],
        )
        for component, names in TARGET_INPUTS[route].items()
    }


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
