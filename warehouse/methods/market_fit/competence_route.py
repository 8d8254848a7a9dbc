"""The competence route: how far what a company masters covers what an industry asks for.

Belongs here: the overlap of two lists of competences, and what is missing. Does not: who masters what (the survey), or which
industry asks for what (the region's tree of competences).
"""

from collections.abc import Mapping

import polars as pl

from warehouse.methods.market_fit.config import MarketFitConfig

OVERLAP_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("company_id", "target_wz2008_code"), pl.String()),
        "competence_overlap": pl.Float64(),
        **dict.fromkeys(("matched_count", "process_count"), pl.Int32()),
        **dict.fromkeys(("matched_names_de", "missing_certificates_de"), pl.String()),
    }
)
NAMES_SHOWN = 3


def overlap(competences: pl.DataFrame, requirements: pl.DataFrame, config: MarketFitConfig) -> pl.DataFrame:
    """Overlap of every company with every industry, 0 to 100, in the columns of `OVERLAP_SCHEMA`.

    Per kind of competence the best n of the company's that the industry asks for count, n being `group_counts` or fewer
    where the industry asks for fewer; an absent one counts 0. The kinds are averaged with `group_weights`. A material or a
    certificate is held or not: it has no level and counts in full.

    Args:
        competences: company_id, competence_id, level_code (NULL: not stated); a company without a row is in no result.
        requirements: target_wz2008_code, competence_id, competence_group_code, competence_name_de.
        config: points of the levels, weights and counts of the kinds.
    """
    asked = _asked(requirements, config)
    held = matches(competences, requirements, config.level_points)
    everyone = held.select(pl.col("company_id").unique()).join(asked, how="cross")
    best = (
        held.join(asked, on=["target_wz2008_code", "competence_group_code"])
        .sort("points", "competence_name_de", descending=[True, False])
        .with_columns(
            place=pl.col("points").cum_count().over("company_id", "target_wz2008_code", "competence_group_code")
        )
        .filter(pl.col("place") <= pl.col("counted"))
        .group_by("company_id", "target_wz2008_code", "competence_group_code")
        .agg(reached=pl.col("points").sum())
    )
    shares = everyone.join(best, on=["company_id", "target_wz2008_code", "competence_group_code"], how="left")
    part = pl.col("reached").fill_null(0.0) / pl.col("counted")
    totals = shares.group_by("company_id", "target_wz2008_code").agg(
        competence_overlap=((part * pl.col("weight")).sum() / pl.col("weight").sum()).round(9)
    )
    return (
        totals.join(_matched(held), on=["company_id", "target_wz2008_code"], how="left")
        .join(_missing(held, requirements), on=["company_id", "target_wz2008_code"], how="left")
        .with_columns(pl.col("matched_count", "process_count").fill_null(0))
        .select(pl.col(name).cast(dtype) for name, dtype in OVERLAP_SCHEMA.items())
        .sort("company_id", "target_wz2008_code")
    )


def matches(competences: pl.DataFrame, requirements: pl.DataFrame, level_points: Mapping[str, float]) -> pl.DataFrame:
    """Every competence of a company that an industry asks for, with its points; what counts nothing is no match.

    Returns:
        The columns of `requirements` with company_id and points, 0 to 100, one row per company, industry and competence.
    """
    level = pl.when(pl.col("competence_group_code") == "process").then(pl.col("level_code").fill_null("unknown"))
    points = level.fill_null("own_core").replace_strict(level_points, default=0.0, return_dtype=pl.Float64)
    return (
        competences.unique(["company_id", "competence_id"], keep="first", maintain_order=True)
        .join(requirements, on="competence_id")
        .with_columns(points=points)
        .filter(pl.col("points") > 0)
        .select("company_id", *requirements.columns, "points")
        .sort("company_id", "target_wz2008_code", "competence_id")
    )


def _asked(requirements: pl.DataFrame, config: MarketFitConfig) -> pl.DataFrame:
    """Per industry and kind: how many competences count, and the weight of the kind."""
    count = pl.col("competence_group_code").replace_strict(config.group_counts, default=None, return_dtype=pl.Int64)
    weight = pl.col("competence_group_code").replace_strict(config.group_weights, default=None, return_dtype=pl.Float64)
    return (
        requirements.group_by("target_wz2008_code", "competence_group_code")
        .agg(asked=pl.col("competence_id").n_unique().cast(pl.Int64))
        .with_columns(counted=pl.min_horizontal("asked", count), weight=weight)
        .filter(pl.col("weight").is_not_null())
        .select("target_wz2008_code", "competence_group_code", "counted", "weight")
    )


def _matched(held: pl.DataFrame) -> pl.DataFrame:
    """How many competences meet, how many of them processes, and the names of the best processes, materials after them."""
    order = pl.col("competence_group_code").replace_strict(
        {"process": 0, "material": 1}, default=2, return_dtype=pl.Int8
    )
    return (
        held.with_columns(order=order)
        .sort("order", "points", "competence_name_de", descending=[False, True, False])
        .group_by("company_id", "target_wz2008_code", maintain_order=True)
        .agg(
            matched_count=pl.len().cast(pl.Int32),
            process_count=(pl.col("competence_group_code") == "process").sum().cast(pl.Int32),
            matched_names_de=pl.col("competence_name_de").head(NAMES_SHOWN).str.join(", "),
        )
    )


def _missing(held: pl.DataFrame, requirements: pl.DataFrame) -> pl.DataFrame:
    """The certificates an industry asks for, where the company holds none of them."""
    certificates = requirements.filter(pl.col("competence_group_code") == "certification")
    has_one = held.filter(pl.col("competence_group_code") == "certification").select("company_id", "target_wz2008_code")
    return (
        held.select(pl.col("company_id").unique())
        .join(certificates, how="cross")
        .join(has_one.unique(), on=["company_id", "target_wz2008_code"], how="anti")
        .sort("competence_name_de")
        .group_by("company_id", "target_wz2008_code", maintain_order=True)
        .agg(missing_certificates_de=pl.col("competence_name_de").unique(maintain_order=True).str.join(", "))
    )
