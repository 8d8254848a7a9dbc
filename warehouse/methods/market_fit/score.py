"""The rows of the market-fit mart: the best targets of every company with score, reasons, confidence and rank interval.

Belongs here: the facts the score takes, their check, and the columns of the result (all of mart_market_fit but scored_at).
Does not: how any of them is computed; the neighbours do that.
"""

from dataclasses import dataclass, fields

import polars as pl

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.market_fit.competence_route import overlap
from warehouse.methods.market_fit.config import MarketFitConfig
from warehouse.methods.market_fit.inputs import EXPOSURE, INDUSTRY, PRODUCT, SCORE_COLUMNS, TARGET_INPUTS
from warehouse.methods.market_fit.product_route import relatedness
from warehouse.methods.market_fit.ranking import rank_companies
from warehouse.methods.market_fit.reasons import reasons_for
from warehouse.methods.market_fit.targets import prepare

REQUIRED_COLUMNS = {
    "companies": ("company_id", "wz2008_code", EXPOSURE),
    "products": ("company_id", "hs6_code", "product_share_pct"),
    "competences": ("company_id", "competence_id", "level_code"),
    "markets": (
        *("hs6_code", "country_iso2_code", "target_wz2008_code", "year", "hs6_label_de", "country_label_de"),
        *(name for names in TARGET_INPUTS[PRODUCT].values() for name in names),
    ),
    "industries": (
        *("target_wz2008_code", "year", "industry_label_de", "employment_wz_code", "regional_wz_code"),
        *(name for names in TARGET_INPUTS[INDUSTRY].values() for name in names),
    ),
    "requirements": ("target_wz2008_code", "competence_id", "competence_group_code", "competence_name_de"),
    "proximity": ("product_code_a", "product_code_b", "proximity"),
}
CODES = {
    *("company_id", "hs6_code", "country_iso2_code", "product_code_a", "product_code_b"),
    *("target_wz2008_code", "wz2008_code", "competence_id", "competence_group_code", "level_code"),
}
KEYS = {
    "companies": ["company_id"],
    "markets": ["hs6_code", "country_iso2_code", "year"],
    "industries": ["target_wz2008_code", "year"],
}
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
class Facts:
    """What the score is made of; columns in `REQUIRED_COLUMNS`, one row per key of `KEYS`, in any order.

    `markets` and `industries` hold several years: the newest is scored, the two before it show how sure its rank is.
    `proximity` may carry a year, which the reasons then state.
    """

    companies: pl.DataFrame
    products: pl.DataFrame
    competences: pl.DataFrame
    markets: pl.DataFrame
    industries: pl.DataFrame
    requirements: pl.DataFrame
    proximity: pl.DataFrame

    def checked(self) -> "Facts":
        """The same with codes as text, which a database may hand over as enums; unusable tables are refused by name."""
        return Facts(**{field.name: _checked(field.name, getattr(self, field.name)) for field in fields(self)})


def score(facts: Facts, config: MarketFitConfig) -> pl.DataFrame:
    """The best targets of every company, in the columns of `OUTPUT_SCHEMA`, ordered by company and rank.

    Equal input gives equal output whatever the order of its rows.

    Raises:
        MethodInputError: a table lacks a column or holds several rows of one key.
    """
    facts = facts.checked()
    targets = prepare(facts.markets, facts.industries, config)
    related = relatedness(facts.products, facts.proximity, config).filter(
        pl.col("hs6_code").is_in(targets.products.implode())
    )
    overlaps = overlap(facts.competences, facts.requirements, config).filter(
        pl.col("target_wz2008_code").is_in(targets.industries.implode())
    )
    companies = facts.companies.with_columns(pl.col(EXPOSURE).cast(pl.Float64).fill_nan(None))
    parts = list(rank_companies(related, overlaps, companies, targets, config))
    if not parts:
        return OUTPUT_SCHEMA.to_frame()
    ranked = (
        pl.concat(parts)
        .join(related, on=["company_id", "hs6_code"], how="left", maintain_order="left")
        .join(overlaps, on=["company_id", "target_wz2008_code"], how="left", maintain_order="left")
    )
    return _described(ranked, _newest_year(facts.proximity), config)


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    missing = [column for column in REQUIRED_COLUMNS[name] if column not in frame.columns]
    if missing:
        raise MethodInputError(
            f"columns {', '.join(missing)} are missing", where=name, expected=", ".join(REQUIRED_COLUMNS[name])
        )
    key = KEYS.get(name)
    if key and frame.select(key).is_duplicated().any():
        raise MethodInputError(
            f"several rows share one {' and '.join(key)}",
            where=name,
            expected="one row each",
            todo="choose one edition and one source",
        )
    return frame.with_columns(pl.col(column).cast(pl.String) for column in frame.columns if column in CODES)


def _newest_year(proximity: pl.DataFrame) -> int | None:
    """The newest year of the proximities, where they say one."""
    newest = proximity["year"].max() if "year" in proximity.columns else None
    return newest if isinstance(newest, int) else None


def _gaps() -> pl.Expr:
    """Names of the missing inputs of a row, by its route."""
    listed = [
        pl.when((pl.col("target_type_code") == route) & pl.col(name).is_null()).then(pl.lit(f"{component}.{name}"))
        for route, components in TARGET_INPUTS.items()
        for component, names in components.items()
        for name in names
    ]
    listed.append(pl.when(pl.col("diversification_score").is_null()).then(pl.lit(f"diversification.{EXPOSURE}")))
    return pl.concat_list(listed).list.drop_nulls()


def _confidence(ranked: pl.DataFrame, config: MarketFitConfig) -> pl.DataFrame:
    """missing_inputs, and confidence_code: low ("unsicher") where two components are missing or the rank interval is wide."""
    gaps = _gaps()
    absent = pl.sum_horizontal(pl.col(SCORE_COLUMNS).is_null())
    wide = pl.col("rank_high") - pl.col("rank_low") > config.uncertain_rank_width
    return ranked.with_columns(
        missing_inputs=pl.when(gaps.list.len() > 0).then(gaps.list.join(", ")),
        confidence_code=pl.when((absent > 1) | wide)
        .then(pl.lit("low"))
        .when(gaps.list.len() > 0)
        .then(pl.lit("medium"))
        .otherwise(pl.lit("high")),
    )


def _evidence_count() -> pl.Expr:
    """Rows of int_market_fit__evidence behind a row, counted from the same facts: published figures, products, competences."""
    product = (
        1 + (pl.col("home_export_value_eur").fill_null(0.0) > 0).cast(pl.Int32) + pl.col("related_count").fill_null(0)
    )
    known = ("industry_export_value_eur", "industry_employees_count", "regional_employees_count")
    industry = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int32) for name in known)
    figures = pl.when(pl.col("target_type_code") == PRODUCT).then(product).otherwise(industry)
    return figures + pl.col("matched_count").fill_null(0)


def _labels() -> dict[str, pl.Expr]:
    is_product = pl.col("target_type_code") == PRODUCT
    goods = pl.coalesce("hs6_label_de", "hs6_code") + " – " + pl.coalesce("country_label_de", "country_iso2_code")
    return {
        "target_market_id": pl.when(is_product)
        .then(pl.col("hs6_code") + "-" + pl.col("country_iso2_code"))
        .otherwise("WZ2008-" + pl.col("target_wz2008_code")),
        "target_label_de": pl.when(is_product)
        .then(goods)
        .otherwise(
            pl.coalesce("industry_label_de", "target_wz2008_code") + " (WZ " + pl.col("target_wz2008_code") + ")"
        ),
    }


def _described(ranked: pl.DataFrame, proximity_year: int | None, config: MarketFitConfig) -> pl.DataFrame:
    """Add labels, evidence, confidence and reasons; put everything into the contract's form."""
    rows = _confidence(ranked.with_columns(pl.col(SCORE_COLUMNS).fill_nan(None)), config).with_columns(
        score_version=pl.lit(config.score_version),
        **_labels(),
        evidence_count=_evidence_count(),
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
