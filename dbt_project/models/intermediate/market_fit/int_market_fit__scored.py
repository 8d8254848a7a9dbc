"""Market-fit scores: the best product-country targets of every company, one row per company and target.

Belongs here: handing products, bands, markets, proximities and the home country to the method. Does not belong here:
the formula and its wording (warehouse.methods.market_fit) or its settings (scores of the region). Without a company
that named a product, or without world trade data, there is nothing to score and the table is empty.
"""

import json

import polars as pl


def setting(settings, key, expected):
    """One setting of the region; refused where the region folder gave none."""
    from warehouse.errors import SettingsError

    if not settings.get(key):
        raise SettingsError(f"the setting '{key}' is missing", where="region.setting", expected=expected)
    return settings[key]


def home_country(countries, settings):
    """Code and German name of the country the region lies in, as the score's settings call them."""
    from warehouse.errors import SettingsError

    code = setting(settings, "country_code", "the region's country, ISO 3166-1 alpha-2")
    names = countries.filter(f"country_code = '{code}' AND valid_to IS NULL").project("country_name_de").fetchall()
    if len(names) != 1:
        raise SettingsError(f"'{code}' is no country of today", where="region.setting, country_code",
                            expected="a code of dim_country")  # fmt: skip
    return {"home_country": code, "home_country_label_de": names[0][0]}


def newest_of_edition(pairs, edition):
    """Six-digit proximities of one edition in its own newest year: other editions number other products."""
    chosen = f"source_id = 'baci' AND classification_code = '{edition}' AND length(product_code_a) = 6"
    # Narrowed before it becomes a frame: other editions and years can be millions of pairs.
    rows = pairs.filter(chosen)
    newest = rows.aggregate("max(year)").fetchone()[0]
    if newest is not None:
        rows = rows.filter(f"year = {newest}")
    return rows.project("product_code_a, product_code_b, proximity, year").pl()


def model(dbt, session):
    """Score the companies with the settings the region has fixed."""
    from warehouse.methods.arrays import MethodInputError
    from warehouse.methods.market_fit import OUTPUT_SCHEMA, MarketFitConfig, score

    dbt.config(materialized="table")
    products = dbt.ref("int_market_fit__product").pl()
    exposure = dbt.ref("int_market_fit__exposure").pl()
    markets = dbt.ref("int_market_fit__market").pl()
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    pairs = dbt.ref("int_product_space__proximity")
    countries = dbt.ref("dim_country")
    if products.is_empty() or markets.is_empty():
        return OUTPUT_SCHEMA.to_frame()
    editions = markets["classification_code"].unique().to_list()
    if len(editions) != 1:
        raise MethodInputError(f"there are {len(editions)} editions", where="int_market_fit__market", expected="one")
    given = json.loads(setting(settings, "market_fit_config", "the score's settings as JSON"))
    config = MarketFitConfig.from_mapping({**given, **home_country(countries, settings)})
    return score(products, exposure, markets, newest_of_edition(pairs, editions[0]), config)
