"""What was decided about answers on the review list; one row per decided answer or response.

Belongs here: handing findings and decisions in force to the method. Does not belong here: what a decision means
(warehouse.methods.survey_decisions) or applying it (int_survey__answer_delivered, int_survey__response_delivered).
"""

import polars as pl


def model(dbt, session):
    """Resolve the log of decisions; findings of earlier deliveries count, so that a decision holds."""
    from warehouse.methods.survey_decisions import resolve

    dbt.config(materialized="table")
    review = pl.concat([dbt.ref("stg_limesurvey__review").pl(), dbt.ref("stg_kobo__review").pl()])
    return resolve(review, dbt.ref("stg_survey_decision__decision").pl())
