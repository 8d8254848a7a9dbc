"""The additive split of a fit score: how many of its points each component gives.

Belongs here: the split and nothing else. Reference: the logarithmic-mean (LMDI) split of a product, Ang (2004), Energy Policy
32, 1131-1139, which leaves no residual and treats all factors alike.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from warehouse.methods.arrays import FloatArray
from warehouse.methods.market_fit.inputs import COMPONENTS, SCORE_COLUMNS

SPLIT_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("company_id", "target_market_id", "score_version", "component_code"), pl.String()),
        **dict.fromkeys(("component_score", "weight_share", "max_points", "points"), pl.Float64()),
    }
)
KEY = ("company_id", "target_market_id", "score_version")
# A score of zero has no logarithm; at this one its share of the loss is the whole to every digit kept.
NEXT_TO_NOTHING = 1e-300


def points(components: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(weight_share[5,n], points[5,n]) for components[5,n] of 0 to 100; the points of a column add up to its fit score.

    A component can give at most 100 times its share of the known weights; what it loses of that is its distance from 100.
    In the geometric core of capability and demand the loss of the core is shared out by the logarithms of both, so that a
    component near zero may give negative points: it takes away what the other one earned. NaN where it could not be computed.
    """
    known = ~np.isnan(components)
    weight = weights[:, None] * known
    share = weight / np.where(weight.sum(axis=0) > 0, weight.sum(axis=0), np.nan)
    filled = np.where(known, components, 100.0)
    out = share * filled
    relative = np.log(np.maximum(filled[:2], NEXT_TO_NOTHING) / 100.0)
    core_share = share[:2].sum(axis=0)
    log_core = (share[:2] * relative).sum(axis=0) / np.where(core_share > 0, core_share, 1.0)
    # (core - 100) / ln(core / 100), which tends to 100 where the core is 100.
    mean = np.divide(100.0 * np.expm1(log_core), log_core, out=np.full_like(log_core, 100.0), where=log_core != 0)
    out[:2] = share[:2] * (100.0 + mean * relative)
    return np.where(known, share, np.nan), np.where(known, out, np.nan)


def split(scored: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """One row per row of `scored` and component that could be computed, in the columns of `SPLIT_SCHEMA`."""
    table = np.stack([scored[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in SCORE_COLUMNS])
    share, given = points(table, np.array([weights[name] for name in COMPONENTS], dtype=np.float64))
    parts = [
        scored.select(*KEY).with_columns(
            pl.lit(name).alias("component_code"),
            pl.Series("component_score", table[i]),
            pl.Series("weight_share", share[i]),
            pl.Series("max_points", 100.0 * share[i]),
            pl.Series("points", given[i]),
        )
        for i, name in enumerate(COMPONENTS)
    ]
    return (
        pl.concat(parts)
        .filter(pl.col("component_score").is_not_nan())
        .sort(*KEY, maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in SPLIT_SCHEMA.items())
    )
