"""Grain: region (Kreis or group of Kreise) x HS heading x year: opportunities, one row per heading with linked employees.

Why Python: density is a product with the proximities of all headings, ranks are taken under many variants. The formulae
live in `warehouse.methods.region_opportunity`, the settings in the scores of the region; this only hands over. Without
employment or without world trade there is nothing to score and the table is empty.
"""

import json

import polars as pl


def demand_of(exports):
    """World imports of every heading in the newest year and their growth over five years; NULL where unknown."""
    # A cell without a rate makes the sum unknown, not smaller.
    whole = pl.when(pl.col("value_eur").is_not_null().all()).then(pl.col("value_eur").sum())
    by_year = exports.group_by("product_code", "is_newest").agg(whole.alias("value_eur"))
    now = by_year.filter("is_newest").select("product_code", world_import_value_eur="value_eur")
    past = by_year.filter(~pl.col("is_newest") & (pl.col("value_eur") > 0)).select("product_code", past_eur="value_eur")
    ratio = pl.col("world_import_value_eur") / pl.col("past_eur")
    growth = pl.when(ratio > 0).then(100 * (ratio.pow(0.2) - 1))
    return (
        now.join(past, on="product_code", how="left")
        .with_columns(world_import_cagr_5y_pct=growth)
        .select("product_code", "world_import_value_eur", "world_import_cagr_5y_pct")
    )


def model(dbt, session):
    """Score every region with the settings that are in force."""
    from warehouse.methods.region_opportunity import score
    from warehouse.methods.region_opportunity_config import RegionOpportunityConfig

    dbt.config(materialized="table")
    links = dbt.ref("int_region_opportunity__link").pl()
    exports = dbt.ref("int_region_opportunity__export").pl()
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    config = RegionOpportunityConfig.from_mapping(json.loads(settings.get("region_opportunity_config") or "{}"))
    newest = exports.filter("is_newest")
    return score(links, newest, demand_of(exports), config).to_arrow()
