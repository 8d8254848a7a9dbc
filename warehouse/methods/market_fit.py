"""Market fit by the product route: which product-country markets suit a company, how sure, why, and why not.

Belongs here: candidates, ranking and the rows of mart_market_fit (all columns but scored_at). Does not: the
components (market_fit_components), the wording (reasons), settings (market_fit_config), and the competence route.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.methods.arrays import FloatArray, IntArray, MethodInputError
from warehouse.methods.market_fit_components import (
    SCORE_COLUMNS,
    combine,
    diversification,
    fit_from_components,
    input_scores,
    market_components,
    relatedness,
)
from warehouse.methods.market_fit_config import COMPONENTS, MARKET_INPUTS, SCORE_VERSION, MarketFitConfig
from warehouse.methods.perturbation import top_with_rank_interval, weight_variants
from warehouse.methods.reasons import reasons_for

__all__ = ["METHOD_VERSION", "OUTPUT_SCHEMA", "MarketFitConfig", "fit_from_components", "score"]

METHOD_VERSION = SCORE_VERSION
TARGET_TYPE = "product_country"
EXPOSURE = "automotive_band_mid_pct"
REQUIRED_COLUMNS = {
    "company_products": ("company_id", "hs6_code", "product_share_pct"),
    "company_exposure": ("company_id", EXPOSURE),
    "markets": (
        *("hs6_code", "country_iso2_code", "year", "hs6_label_de", "country_label_de"),
        *(name for names in MARKET_INPUTS.values() for name in names),
    ),
    "proximity": ("product_code_a", "product_code_b", "proximity"),
}
CODES = ("company_id", "hs6_code", "country_iso2_code", "product_code_a", "product_code_b")
KEYS = {"company_exposure": ["company_id"], "markets": ["hs6_code", "country_iso2_code"]}
OUTPUT_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("company_id", "target_market_id", "score_version", "target_type_code"), pl.String()),
        **dict.fromkeys(("target_label_de", "hs6_code", "country_iso2_code", "target_wz2008_code"), pl.String()),
        **dict.fromkeys(("fit_score", *SCORE_COLUMNS, "relatedness_density"), pl.Float64()),
        "evidence_count": pl.Int32(),
        **dict.fromkeys(("confidence_code", "reason_1_de", "reason_2_de"), pl.String()),
        **dict.fromkeys(("counter_reason_de", "missing_inputs"), pl.String()),
        **dict.fromkeys(("rank_in_company", "rank_low", "rank_high"), pl.Int32()),
    }
)


@dataclass(frozen=True, eq=False)
class _Market:
    """The markets in tie-break order with everything about them that no company changes."""

    table: pl.DataFrame
    components: dict[str, FloatArray]
    is_automotive: np.ndarray
    product_index: IntArray
    products: pl.Series


def score(
    company_products: pl.DataFrame,
    company_exposure: pl.DataFrame,
    markets: pl.DataFrame,
    proximity: pl.DataFrame,
    config: MarketFitConfig,
) -> pl.DataFrame:
    """The best targets of every company, in the columns of mart_market_fit without scored_at.

    `markets` may also carry target_wz2008_code and `proximity` a year; both are passed on. Rows are ordered by
    company and rank, and equal input gives equal output whatever the order of its rows.
    """
    company_products = _checked("company_products", company_products)
    company_exposure = _checked("company_exposure", company_exposure)
    proximity = _checked("proximity", proximity)
    market = _prepare_markets(_checked("markets", markets), config)
    related = relatedness(company_products, proximity, config).filter(
        pl.col("hs6_code").is_in(market.products.implode())
    )
    exposure = company_exposure.select("company_id", pl.col(EXPOSURE).cast(pl.Float64).fill_nan(None))
    parts = list(_rank_companies(related, exposure, market, config))
    if not parts:
        return OUTPUT_SCHEMA.to_frame()
    ranked = pl.concat(parts).join(related, on=["company_id", "hs6_code"], how="left", maintain_order="left")
    return _describe(ranked, _proximity_year(proximity), config)


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Refuse missing columns and repeated keys; give codes back as text, which a database may hand over as enums."""
    missing = [column for column in REQUIRED_COLUMNS[name] if column not in frame.columns]
    if missing:
        raise MethodInputError(
            f"columns {', '.join(missing)} are missing",
            where=name,
            expected=", ".join(REQUIRED_COLUMNS[name]),
        )
    key = KEYS.get(name)
    if key and frame.select(key).is_duplicated().any():
        raise MethodInputError(
            f"several rows share one {' and '.join(key)}",
            where=name,
            expected="one row each",
            todo="keep one year",
        )
    return frame.with_columns(pl.col(column).cast(pl.String) for column in CODES if column in frame.columns)


def _prepare_markets(markets: pl.DataFrame, config: MarketFitConfig) -> _Market:
    """Keep what can be a target, sort it for ties (bigger first) and compute the companies' common components."""
    figures = [name for names in MARKET_INPUTS.values() for name in names if name != "is_single_market"]
    if "target_wz2008_code" not in markets.columns:
        markets = markets.with_columns(target_wz2008_code=pl.lit(None, dtype=pl.String))
    numbers = pl.col(figures).cast(pl.Float64)
    table = (
        markets.with_columns(pl.when(numbers.is_finite()).then(numbers))
        .filter(
            pl.col("import_value_eur") >= config.min_import_value_eur,
            pl.col("country_iso2_code") != config.home_country,
            pl.col("hs6_code").is_not_null(),
        )
        .sort("import_value_eur", "hs6_code", "country_iso2_code", descending=[True, False, False])
    )
    points = input_scores(table, config)
    products = table["hs6_code"].unique().sort()
    index = pl.DataFrame({"hs6_code": products}).with_row_index("product_index")
    automotive = pl.any_horizontal(
        pl.lit(False), *(pl.col("hs6_code").str.starts_with(prefix) for prefix in config.automotive_prefixes)
    )
    joined = table.join(index, on="hs6_code", how="left", maintain_order="left").with_columns(
        pl.Series(f"{name}_points", values).fill_nan(None) for name, values in points.items()
    )
    joined = joined.with_columns(is_automotive_target=automotive)
    return _Market(
        table=joined,
        components=market_components(points, config),
        is_automotive=joined["is_automotive_target"].to_numpy(),
        product_index=joined["product_index"].to_numpy().astype(np.int64),
        products=products,
    )


def _rank_companies(
    related: pl.DataFrame, exposure: pl.DataFrame, market: _Market, config: MarketFitConfig
) -> Iterator[pl.DataFrame]:
    """Per company: score all its candidates under all weights, keep the best with their rank intervals."""
    band_of = dict(exposure.select("company_id", EXPOSURE).iter_rows())
    variants = weight_variants([config.weights[name] for name in COMPONENTS], config.perturbation)
    shared = np.stack([market.components[name] for name in ("demand", "access", "resilience")])
    for (company,), own in related.group_by("company_id", maintain_order=True):
        by_product = np.full(len(market.products), np.nan)
        by_product[market.products.search_sorted(own["hs6_code"]).to_numpy()] = 100 * own["best_proximity"].to_numpy()
        capability = by_product[market.product_index]
        candidates = np.flatnonzero(~np.isnan(capability))
        outside, inside = diversification(band_of.get(company), config)
        spread = np.where(market.is_automotive[candidates], inside, outside)
        components = np.vstack([capability[candidates], shared[:, candidates], spread])
        scores = combine(components, variants)
        best, low, high = top_with_rank_interval(scores, config.targets_per_company)
        yield market.table[candidates[best]].with_columns(
            pl.lit(company).alias("company_id"),
            pl.Series("fit_score", scores[0, best]),
            *(pl.Series(name, components[i, best]) for i, name in enumerate(SCORE_COLUMNS)),
            pl.Series("rank_in_company", np.arange(1, len(best) + 1)),
            pl.Series("rank_low", low),
            pl.Series("rank_high", high),
        )


def _proximity_year(proximity: pl.DataFrame) -> int | None:
    """The newest year of the proximities, where they say one."""
    if "year" not in proximity.columns:
        return None
    newest = proximity["year"].max()
    return newest if isinstance(newest, int) else None


def _confidence(ranked: pl.DataFrame) -> pl.DataFrame:
    """missing_inputs, and confidence_code by the number of missing components; a lone missing input makes it medium."""
    inputs = [(component, name) for component, names in MARKET_INPUTS.items() for name in names]
    gaps = [pl.when(pl.col(name).is_null()).then(pl.lit(f"{component}.{name}")) for component, name in inputs]
    gaps.append(pl.when(pl.col("diversification_score").is_null()).then(pl.lit(f"diversification.{EXPOSURE}")))
    listed = pl.concat_list(gaps).list.drop_nulls()
    absent = pl.sum_horizontal(pl.col(SCORE_COLUMNS).is_null())
    complete = (absent == 0) & (listed.list.len() == 0)
    return ranked.with_columns(
        missing_inputs=pl.when(listed.list.len() > 0).then(listed.list.join(", ")),
        confidence_code=pl.when(complete)
        .then(pl.lit("high"))
        .when(absent <= 1)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("low")),
    )


def _describe(ranked: pl.DataFrame, proximity_year: int | None, config: MarketFitConfig) -> pl.DataFrame:
    """Add labels, evidence, confidence and reasons; put everything into the contract's form."""
    label = pl.coalesce("hs6_label_de", "hs6_code") + " – " + pl.coalesce("country_label_de", "country_iso2_code")
    rows = _confidence(ranked.with_columns(pl.col(SCORE_COLUMNS).fill_nan(None))).with_columns(
        score_version=pl.lit(config.score_version),
        target_type_code=pl.lit(TARGET_TYPE),
        target_market_id=pl.col("hs6_code") + "-" + pl.col("country_iso2_code"),
        target_label_de=label,
        # One row of the import statistics, one of home sales where there is one, and each related product's proximity.
        evidence_count=1 + pl.col("home_export_value_eur").is_not_null().cast(pl.Int32) + pl.col("related_count"),
        proximity_year=pl.lit(proximity_year, dtype=pl.Int32),
        home=pl.lit(config.home_country_label_de),
    )
    texts = pl.DataFrame(
        [reasons_for(row) for row in rows.iter_rows(named=True)],
        schema=dict.fromkeys(("reason_1_de", "reason_2_de", "counter_reason_de"), pl.String),
        orient="row",
    )
    return (
        pl.concat([rows, texts], how="horizontal")
        .sort("company_id", "rank_in_company")
        .select(pl.col(name).cast(dtype) for name, dtype in OUTPUT_SCHEMA.items())
    )
