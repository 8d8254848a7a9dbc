"""The product route: how close a company's products are to what a market buys, in the product space of world trade.

Belongs here: proximity and density of candidates around the company's own products. Does not: the proximities themselves.
"""

import polars as pl

from warehouse.methods.market_fit.config import MarketFitConfig


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
