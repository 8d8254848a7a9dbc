"""The back-test of the score: each model on every window of five years the world's exports cover.

Belongs here: handing the exports and the score's version to the method. Does not belong here: the method
(warehouse.methods.backtest). Without two years of world trade five years apart there is nothing to test and the table is empty.
"""

import json

import polars as pl


def score_version(settings):
    """Version of the score the region has fixed; its back-test is of the same version."""
    from warehouse.errors import SettingsError

    rows = dict(settings.select("setting_key", "setting_value").iter_rows())
    given = json.loads(rows.get("market_fit_config") or "{}")
    if not given.get("score_version"):
        raise SettingsError("the score's version is missing", where="region.setting, market_fit_config",
                            expected="settings of the score with a score_version")  # fmt: skip
    return given["score_version"]


def model(dbt, session):
    """Test every edition with the conventions of the method card."""
    from warehouse.methods.backtest import backtest_editions

    dbt.config(materialized="table")
    exports = dbt.ref("int_product_space__export").pl()
    version = score_version(dbt.ref("stg_region__setting").pl())
    text = [pl.col(name).cast(pl.String) for name in ("source_id", "classification_code", "location_code", "product_code")]
    found = backtest_editions(exports.with_columns(text))
    return found.select(pl.lit(version).alias("score_version"), pl.all()).to_arrow()
