"""Market-fit scores: the best product-country targets of every company, one row per company and target.

Belongs here: handing products, bands, markets and proximities to the method. Does not belong here: the formula and
its wording (warehouse.methods.market_fit) or its settings (scores of the region). Without a company that named a
product, or without world trade data, there is nothing to score and the table is empty.
"""

import json

import polars as pl


def model(dbt, session):
    """Score the companies with the settings the region has fixed."""
    from warehouse.errors import SettingsError
    from warehouse.methods.market_fit import OUTPUT_SCHEMA, MarketFitConfig, score

    dbt.config(materialized="table")
    products = dbt.ref("int_market_fit__product").pl()
    exposure = dbt.ref("int_market_fit__exposure").pl()
    markets = dbt.ref("int_market_fit__market").pl()
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    pairs = dbt.ref("mart_product_proximity").filter("length(product_code_a) = 6")
    if products.is_empty() or markets.is_empty():
        return OUTPUT_SCHEMA.to_frame()
    if not settings.get("market_fit_config"):
        raise SettingsError(
            "the setting 'market_fit_config' is missing",
            where="region.setting",
            expected="the score's settings as JSON",
        )
    # Narrowed before it becomes a frame: other editions and years can be millions of pairs.
    editions = ", ".join(f"'{code}'" for code in markets["classification_code"].unique())
    pairs = pairs.filter(f"classification_code IN ({editions})")
    proximity = pairs.project("product_code_a, product_code_b, proximity, year").pl()
    newest = proximity.filter(pl.col("year") == pl.col("year").max())
    config = MarketFitConfig.from_mapping(json.loads(settings["market_fit_config"]))
    return score(products, exposure, markets, newest, config)
