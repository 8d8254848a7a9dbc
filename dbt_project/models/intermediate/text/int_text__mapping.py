"""Free texts to codes: one row per distinct text, industry it holds for ('' for all) and classification.

Belongs here: handing texts, the region's dictionary and the decisions to the method. Does not belong here: the method
(warehouse.methods.text_coding) or what a word means (the region's text folder). No text leaves this step, only its hash.
"""

import polars as pl


def named_thing(coder, row):
    """The thing a row is about; refused where hashes and dictionary are of two states of the region folder."""
    from warehouse.errors import KettenwerkError

    named = coder.things(row["written_text"], row["question_concept_id"])
    if row["part_no"] > len(named):
        raise KettenwerkError("an answer names fewer things than were hashed", where="identity.text_key",
                              expected="hashes made with the dictionary in force", todo="refresh from the start")  # fmt: skip
    return named[row["part_no"] - 1]


def model(dbt, session):
    """Code every text; what a person decided lies over what the coder says."""
    from warehouse.methods.text_coding.mapping import THING, map_texts
    from warehouse.text_dictionary import coder_from

    dbt.config(materialized="table")
    dictionary = dbt.ref("stg_region__text_dictionary").pl().sort("part_code", "row_no")
    coder, _ = coder_from(dictionary.select("part_code", "row_json").iter_rows())
    answers = dbt.ref("int_text__answer").pl()
    received = dbt.ref("stg_meta__snapshot").pl().select("snapshot_id", received_at="retrieved_at")
    decisions = dbt.ref("stg_text_decision__decision").pl().join(received, on="snapshot_id", how="left")
    rows = []
    for row in answers.iter_rows(named=True):
        thing, in_brackets = named_thing(coder, row)
        rows.append((row["text_hash"], thing, in_brackets, row["question_concept_id"], row["wz2008_code"]))
    things = pl.DataFrame(rows, schema=dict.fromkeys(THING, pl.String()), orient="row")
    return map_texts(things, decisions, coder)
