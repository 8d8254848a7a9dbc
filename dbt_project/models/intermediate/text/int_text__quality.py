"""How far automatic codes of free texts can be trusted: two figures, one row each, in percent.

Belongs here: measuring the coder on the gold set, and counting what waits for a person. Does not belong here: what is
enough (gates.yml).
"""

import polars as pl

MEASURES = {"measure_code": pl.String(), "value_pct": pl.Float64(), "n_records": pl.Int64()}


def model(dbt, session):
    """Precision of automatic codes on the gold set; share of the texts that wait for a person. NULL where there are none."""
    from warehouse.methods.text_coding.gold import precision
    from warehouse.methods.text_coding.mapping import shares
    from warehouse.text_dictionary import coder_from

    dbt.config(materialized="table")
    dictionary = dbt.ref("stg_region__text_dictionary").pl().sort("part_code", "row_no")
    coder, gold = coder_from(dictionary.select("part_code", "row_json").iter_rows())
    given, right = precision(coder, gold)
    counts = shares(dbt.ref("int_text__mapping").pl())
    rows = [
        ("gold_precision", 100 * right / given if given else None, given),
        ("unreviewed", 100 * counts["review"] / counts["texts"] if counts["texts"] else None, counts["texts"]),
    ]
    return pl.DataFrame(rows, schema=MEASURES, orient="row")
