"""Cells of the dependency cube with the reason they are hidden and the figures that may be shown, per wave, driver, cell.

Belongs here: one protection per wave over everyone who answered any driver, one per driver, hiding a cell where either
says so, and then the means and shares that the rest may show. Does not belong here: the rules (warehouse.privacy.disclosure
and disclosure_values).
"""

import polars as pl

CELL = ["kreis_ags", "wz2_code", "headcount_band_code"]
EVERYONE = "ANY"


def model(dbt, session):
    """Protect each cube of a wave, lay the wave's own pattern over that of every driver, then protect the values."""
    from warehouse.privacy.disclosure import NONE, DisclosureRules, protect
    from warehouse.privacy.disclosure_values import ValueRules, protect_values

    dbt.config(materialized="table")
    cells = dbt.ref("int_dependency__cell").pl().sort("wave_id", "driver_code", *CELL)
    limits = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    rules = DisclosureRules(
        k=int(limits["privacy_k"]),
        dominance_1=float(limits["privacy_dominance_1"]),
        dominance_2=float(limits["privacy_dominance_2"]),
    )
    parts = [cells.clear().with_columns(suppression_code=pl.lit(None, dtype=pl.String))]
    for _, cube in cells.group_by("wave_id", "driver_code", maintain_order=True):
        parts.append(protect(cube, CELL, rules=rules, volume="headcount"))
    protected = pl.concat(parts)
    of_wave = protected.filter(pl.col("driver_code") == EVERYONE).select("wave_id", *CELL, wave_code="suppression_code")
    own, wave = pl.col("suppression_code"), pl.col("wave_code")
    coded = (
        protected.filter(pl.col("driver_code") != EVERYONE)
        .join(of_wave, on=["wave_id", *CELL], how="left", maintain_order="left")
        .with_columns(suppression_code=pl.when(own == NONE).then(wave).otherwise(own))
        .drop("wave_code")
        .with_columns(minimum_count=pl.lit(rules.k, dtype=pl.Int32))
    )
    values = ValueRules(
        k=rules.k,
        high_from=float(limits["high_score_from"]),
        range_min=float(limits["privacy_score_range_min"]),
        high_min=int(limits["privacy_high_min"]),
    )
    figures = [protect_values(cube, CELL, values) for _, cube in coded.group_by("wave_id", "driver_code", maintain_order=True)]
    nothing = coded.clear().with_columns(published_mean=pl.lit(None, pl.Float64), published_share=pl.lit(None, pl.Float64))
    return pl.concat([nothing, *figures])
