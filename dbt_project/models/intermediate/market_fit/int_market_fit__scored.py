"""Market-fit scores: the best targets of every company by both routes, one row per company and target.

Belongs here: handing what is known of companies, markets and industries to the method. Does not belong here: the formula
and its wording (warehouse.methods.market_fit) or its settings (scores of the region). Without any company that named a
product or a competence there is nothing to score and the table is empty; without world trade only industries are targets.
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


def newest_of_edition(pairs, editions):
    """Six-digit proximities of the markets' edition in its own newest year: other editions number other products."""
    edition = editions.project("classification_code").fetchone()
    chosen = f"source_id = 'baci' AND classification_code = '{edition[0] if edition else ''}' AND length(product_code_a) = 6"
    # Narrowed before it becomes a frame: other editions and years can be millions of pairs.
    rows = pairs.filter(chosen)
    newest = rows.aggregate("max(year)").fetchone()[0]
    if newest is not None:
        rows = rows.filter(f"year = {newest}")
    return rows.project("product_code_a, product_code_b, proximity, year").pl()


def with_earlier_years(newest, yearly):
    """The markets of today with their names, and below them the figures of the years before."""
    return pl.concat([newest.pl(), yearly.filter("NOT is_newest").pl()], how="diagonal_relaxed")


def companies(exposure, survey):
    """Band of automotive turnover and industry of every company."""
    return exposure.join(survey.select("company_id", "wz2008_code"), on="company_id", how="full", coalesce=True)


def model(dbt, session):
    """Score the companies with the settings the region has fixed."""
    from warehouse.methods.market_fit import OUTPUT_SCHEMA, Facts, MarketFitConfig, score

    dbt.config(materialized="table")
    products, competences = dbt.ref("int_market_fit__product").pl(), dbt.ref("int_market_fit__competence").pl()
    exposure, survey = dbt.ref("int_market_fit__exposure").pl(), dbt.ref("int_company__survey").pl()
    markets = with_earlier_years(dbt.ref("int_market_fit__market"), dbt.ref("int_market_fit__market_yearly"))
    industries, requirements = dbt.ref("int_market_fit__industry").pl(), dbt.ref("int_market_fit__requirement").pl()
    pairs, editions = dbt.ref("int_product_space__proximity"), dbt.ref("int_market_fit__edition")
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    countries = dbt.ref("dim_country")
    if products.is_empty() and competences.is_empty():
        return OUTPUT_SCHEMA.to_frame()
    given = json.loads(setting(settings, "market_fit_config", "the score's settings as JSON"))
    config = MarketFitConfig.from_mapping({**given, **home_country(countries, settings)})
    facts = Facts(
        companies=companies(exposure, survey),
        products=products,
        competences=competences,
        markets=markets,
        industries=industries,
        requirements=requirements,
        proximity=newest_of_edition(pairs, editions),
    )
    return score(facts, config)
