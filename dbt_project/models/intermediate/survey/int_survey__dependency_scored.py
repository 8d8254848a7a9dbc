"""Dependency scores, one row per wave, company and driver.

Belongs here: handing each driver's indicators and its curve to the method. Does not belong here: the curve itself
(the region's scores) or the formula (warehouse.methods.dependency). A driver without a curve gets no row: a score
nobody fixed beforehand is not published.
"""

import polars as pl


def model(dbt, session):
    """Score every indicator on the curve of its driver in the version the region has set."""
    from warehouse.methods.dependency import dependency_score

    dbt.config(materialized="table")
    indicators = dbt.ref("int_survey__dependency_indicator").pl()
    curves = dbt.ref("stg_region__score_breakpoint").pl()
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    version = settings.get("dependency_version")
    parts = [
        indicators.clear().with_columns(
            dependency_score=pl.lit(None, dtype=pl.Float64), score_version=pl.lit(None, dtype=pl.String)
        )
    ]
    for (driver,), rows in indicators.group_by("driver_code", maintain_order=True):
        curve = curves.filter((pl.col("driver_code") == driver) & (pl.col("score_version") == version)).sort("x")
        if curve.height:
            score = dependency_score(rows["indicator_value"], curve.select("x", "score").iter_rows())
            parts.append(rows.with_columns(score.alias("dependency_score"), score_version=pl.lit(version)))
    return pl.concat(parts)
