"""What a person decided on the review list, resolved to answers: which status, number and code each has from then on.

Belongs here: the meaning of the four decisions. Does not belong here: reading them, or joining them to answers (identity
and ``int_survey__answer`` do, on the same key).
"""

from __future__ import annotations

import polars as pl

KEY = ["wave_id", "response_id", "question_concept_id", "item_code", "raw_value"]
ORDER = {"reject": 0, "value": 1, "accept": 2, "keep": 3}


def resolve(review: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Decided answers, one row per answer.

    Args:
        review: findings of every delivery (``review_id``, the key, ``proposal_num``, ``proposal_code``).
        decisions: ``review_id, decision_code, new_num, new_code, decided_on`` in force.

    Returns:
        The key with ``decided_status`` (NULL: as delivered), ``decided_num``, ``decided_code``. A finding about a whole
        response has no question: its status says whether the response counts (``answered``) or not (``invalid``). Of
        several decisions on one answer the newest holds, and of one day a rejection before a value before the rest.
    """
    findings = review.unique("review_id", keep="last", maintain_order=True)
    newest = decisions.sort("decided_on").unique("review_id", keep="last", maintain_order=True)
    decided = newest.join(findings.select("review_id", *KEY, "proposal_num", "proposal_code"), on="review_id")
    code, whole = pl.col("decision_code"), pl.col("question_concept_id") == ""
    has_proposal = pl.col("proposal_num").is_not_null() | pl.col("proposal_code").is_not_null()
    takes = (code == "value") | ((code == "accept") & has_proposal)
    status = (
        pl.when(code == "reject").then(pl.lit("invalid"))
        .when(takes | ((code == "keep") & whole)).then(pl.lit("answered"))
    )  # fmt: skip
    return (
        decided.with_columns(
            status.alias("decided_status"),
            pl.when(code == "value").then("new_num").when(code == "accept").then("proposal_num").alias("decided_num"),
            pl.when(code == "value")
            .then("new_code")
            .when(code == "accept")
            .then("proposal_code")
            .alias("decided_code"),
            code.replace_strict(ORDER, return_dtype=pl.Int64).alias("weight"),
        )
        .filter(pl.col("decided_status").is_not_null())
        .sort([*KEY, "decided_on", "weight"], descending=[*([False] * len(KEY)), True, False])
        .unique(KEY, keep="first", maintain_order=True)
        .select(*KEY, "decided_status", "decided_num", "decided_code")
    )
