"""The points each component gives to each market-fit score, one row per score and component.

Belongs here: handing scores and weights to the method (warehouse.methods.market_fit.split). Does not belong here: the split.
"""

import json


def model(dbt, session):
    """The additive split of every score."""
    from warehouse.methods.market_fit.split import split

    dbt.config(materialized="table")
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    return split(dbt.ref("int_market_fit__scored").pl(), json.loads(settings["market_fit_config"])["weights"])
