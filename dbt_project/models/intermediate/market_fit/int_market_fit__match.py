"""Competences of a company that an industry asks for, one row each: the facts behind the overlap of the competence route.

Belongs here: handing competences and requirements to the method. Does not belong here: what a level counts (scores of the
region).
"""

import json


def model(dbt, session):
    """Every match, for the evidence of the scores."""
    from warehouse.methods.market_fit.competence_route import matches

    dbt.config(materialized="table")
    settings = dict(dbt.ref("stg_region__setting").pl().select("setting_key", "setting_value").iter_rows())
    level_points = json.loads(settings["market_fit_config"])["level_points"]
    return matches(dbt.ref("int_market_fit__competence").pl(), dbt.ref("int_market_fit__requirement").pl(), level_points)
