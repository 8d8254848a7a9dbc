"""From findings to rows of the review list, and to the statuses of the answers they are about.

Belongs here: the table ``review`` of a survey source. Does not belong here: finding anything (``cells``, ``plausible``),
showing it to a person or taking decisions (``review``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import polars as pl

from ingest.survey.book import NUMBER_TYPES, Book
from ingest.survey.plausible import Answers, Finding, Key, copies, is_test, look_at, same_register, shares_of_a_whole

Row = dict[str, Any]
REVIEW = {
    "review_id": pl.String, "wave_id": pl.String, "response_id": pl.String, "question_concept_id": pl.String,
    "item_code": pl.String, "class_code": pl.String, "finding_code": pl.String, "answer_status_code": pl.String,
    "raw_value": pl.String, "proposal": pl.String, "proposal_num": pl.Float64, "proposal_code": pl.String,
    "source_row": pl.Int64,
}  # fmt: skip
OVERRIDES = {
    "response_id": pl.String, "question_concept_id": pl.String, "item_code": pl.String, "other_status": pl.String,
    "other_code": pl.String,
}  # fmt: skip
KEY = ["response_id", "question_concept_id", "item_code"]
# What was said to a person is not repeated outside the answer itself.
WITHHELD = ("personal_data",)


def examined(rows: pl.DataFrame, responses: dict[str, Answers], book: Book) -> tuple[pl.DataFrame, list[Row]]:
    """Answers with the statuses that other answers of their response give them, and the rows of the review list.

    ``is_share_of_whole`` is added: the answer is one of several shares that add up to their whole.
    """
    findings = {response: list(look_at(answers, book)) for response, answers in responses.items()}
    wholes = {(r, *key) for r, answers in responses.items() for key in shares_of_a_whole(answers, book)}
    others = [
        (response, *found.key, found.status, found.answer_code)
        for response, own in findings.items()
        for found in own
        if found.status or found.answer_code
    ]
    frame = pl.DataFrame(others, schema=OVERRIDES, orient="row").unique(KEY, keep="first", maintain_order=True)
    rows = rows.join(frame, on=KEY, how="left", maintain_order="left")
    is_out = pl.col("other_status").is_not_null()
    rows = rows.with_columns(
        pl.coalesce("other_status", "answer_status_code").alias("answer_status_code"),
        pl.when(is_out).then(None).otherwise(pl.col("answer_num")).alias("answer_num"),
        pl.when(is_out).then(None).otherwise(pl.coalesce("other_code", "answer_code")).alias("answer_code"),
        pl.Series("is_share_of_whole", [key in wholes for key in rows.select(KEY).iter_rows()], dtype=pl.Boolean),
    ).drop("other_status", "other_code")
    return rows, list(_listed(rows, responses, findings, book))


def test_responses(responses: dict[str, Answers], book: Book) -> set[str]:
    """Ids of responses that are somebody trying the questionnaire."""
    return {response for response, answers in responses.items() if is_test(answers, book)}


def review_row(wave: str, response: str, row: int | None, key: Key, code: str, **more: str | None) -> Row:
    """One row of the list. Its id is the same for the same finding in a later delivery."""
    shown = None if code in WITHHELD else more.get("raw_value")
    said = "\x1f".join([wave, response, *key, code, more.get("raw_value") or ""])
    return {
        "review_id": hashlib.sha256(said.encode()).hexdigest()[:16], "wave_id": wave, "response_id": response,
        "question_concept_id": key[0], "item_code": key[1], "class_code": more.get("class_code"), "finding_code": code,
        "answer_status_code": more.get("status"), "raw_value": shown, "proposal": more.get("proposal"), "source_row": row,
    }  # fmt: skip


def with_typed_proposals(review: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Proposals of one reading as a number or a code, as the question asks; of two readings a person has to name one."""
    numeric = {q["question_concept_id"] for q in book.questions if q["answer_type"] in NUMBER_TYPES}
    single = pl.col("proposal").is_not_null() & ~pl.col("proposal").str.contains(r" \| |^sum ")
    is_number = pl.col("question_concept_id").is_in(list(numeric))
    return review.unique("review_id", keep="first", maintain_order=True).with_columns(
        pl.when(single & is_number).then(pl.col("proposal").cast(pl.Float64, strict=False)).alias("proposal_num"),
        pl.when(single & ~is_number).then("proposal").alias("proposal_code"),
    )


def _listed(
    rows: pl.DataFrame, responses: dict[str, Answers], findings: dict[str, list[Finding]], book: Book
) -> Iterator[Row]:
    wave = book.wave_id
    for row in rows.filter(pl.col("finding_code").is_not_null()).iter_rows(named=True):
        key = (row["question_concept_id"], row["item_code"])
        yield review_row(wave, row["response_id"], row["source_row"], key, row["finding_code"], status=row["answer_status_code"],
                         raw_value=row["raw_value"], proposal=row["proposal"], class_code=row["class_code"])  # fmt: skip
    for response, own in findings.items():
        for found in own:
            answer = responses[response][found.key]
            yield review_row(wave, response, answer["source_row"], found.key, found.code, raw_value=answer["raw_value"],
                             status=found.status or answer["answer_status_code"], proposal=found.proposal or found.answer_code,
                             class_code=answer["class_code"])  # fmt: skip
    for code, pairs in (("answers_copied", copies(responses)), ("register_twice", same_register(responses))):
        for response, first in pairs:
            yield review_row(wave, response, _row(responses[response]), ("", ""), code, raw_value=f"response {first}")
    for response in sorted(test_responses(responses, book)):
        yield review_row(wave, response, _row(responses[response]), ("", ""), "test_answer", status="invalid")


def _row(answers: Answers) -> int | None:
    return min((a["source_row"] for a in answers.values()), default=None)
