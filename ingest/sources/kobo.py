"""KoboToolbox submissions: JSON with one key per question to long answers, by the codebook of the wave.

Belongs here: what is peculiar to Kobo (groups in names, its own keys, several choices in one text). Does not belong
here: what an answer means (``answers``), or which concepts exist; that is data in the region's ``survey/`` folder. A wave
whose Kobo form has other names than its LimeSurvey questionnaire gives them as ``kobo_codebook`` and ``kobo_codes``:

- ``source_column`` is a question's name, or its whole path (``group/question``) where a name occurs in several groups;
- a question of several choices (``multi``) without ``item_code`` is one text of codes between blanks: each code stands in
  the code list, and its ``value_code`` is the item that was chosen. With ``item_code`` it is one question per item;
- ``meta`` is the class of what is not taken over (notes, calculations).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from ingest.answers import coded, contacts, for_the_lake, questions_of, refuse_small_shares, wave_book
from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader
from ingest.survey.findings import REVIEW, examined, with_typed_proposals
from ingest.survey.plausible import by_response

# Kobo's own keys: technical, or personal (who submitted, from where) and never taken over.
OWN_PREFIXES = ("_", "meta/", "formhub/")
OWN_KEYS = ("start", "end", "today", "deviceid", "username", "phonenumber")
# Before Kobo's number, so that it never meets LimeSurvey's number of another response to the same wave.
ID_PREFIX = "K"
Row = tuple[str, int, str, str]
LONG = {"response_id": pl.String, "source_row": pl.Int64, "source_column": pl.String, "raw_value": pl.String}


@reader("kobo")
def read_submissions(reading: Reading) -> Tables:
    """One wave's submissions to ``response``, ``answer`` and ``review``; contact persons go to ``reading.contacts``."""
    delivery, wave = reading.delivery, reading.delivery.partition_key
    book = wave_book(reading, "kobo_codebook", "kobo_codes")
    codebook = questions_of(book)
    if not (codebook["question_concept_id"] == "CONS_STORE").any():
        raise delivery.refuse(
            "the wave's codebook names no question for consent to storage", "the consent block",
            "add CONS_STORE to the wave's codebook; nothing may be kept without it", field="CONS_STORE", rule_id="SRV-003",
        )  # fmt: skip
    questions = {row["source_column"]: row for row in codebook.iter_rows(named=True)}
    responses: list[tuple[Any, ...]] = []
    rows: list[Row] = []
    for number, entry in enumerate(_entries(delivery), 1):
        key = f"{ID_PREFIX}{entry.get('_id', '')}"
        started, submitted = (_moment(delivery, entry, name, number) for name in ("start", "_submission_time"))
        responses.append((wave, key, started, submitted, True, entry.get("__version__"), number))
        rows += _rows(delivery, entry, key, number, questions)
    answers = coded(delivery, _asked(pl.DataFrame(rows, schema=LONG, orient="row"), questions), book)
    answers, listed = examined(answers, by_response(answers.iter_rows(named=True)), book)
    refuse_small_shares(delivery, answers)
    reading.contacts += contacts(answers, wave)
    table = delivery.source.tables["response"]
    columns = [*(c.name for c in table.columns), "source_row"]
    frame = pl.DataFrame(responses, schema={c: table.lake_schema[c] for c in columns}, orient="row")
    review = with_typed_proposals(pl.DataFrame(listed, schema=REVIEW, orient="row"), book)
    return {"response": frame, "answer": for_the_lake(answers), "review": review}


def _rows(
    delivery: Delivery, entry: dict[str, Any], key: str, number: int, questions: dict[str, dict[str, Any]]
) -> list[Row]:
    """The answers of one submission; of several choices each is a row."""
    rows: list[Row] = []
    for column, value in entry.items():
        if column.startswith(OWN_PREFIXES) or column in OWN_KEYS or value in (None, ""):
            continue
        question = _question(questions, column)
        if question is None:
            raise delivery.refuse(
                f"unknown question '{column}'",
                "only questions of the wave's codebook",
                "add the question to the wave's codebook",
                field=column,
                row=number,
                rule_id="SRV-001",
            )
        if isinstance(value, list | dict):
            raise delivery.refuse(
                "a repeated group", "one answer per question", field=column, row=number, rule_id="SRV-001"
            )
        text = str(value).strip()
        parts = list(dict.fromkeys(text.split())) if _is_choice(question) else [text]
        rows += [(key, number, column, part) for part in parts if part]
    return rows


def _question(questions: dict[str, dict[str, Any]], column: str) -> dict[str, Any] | None:
    """A question by its whole path, else by its name without the groups."""
    return questions.get(column) or questions.get(column.rsplit("/", 1)[-1])


def _is_choice(question: dict[str, Any]) -> bool:
    return question["answer_type"] == "multi" and not question["item_code"]


def _asked(long: pl.DataFrame, questions: dict[str, dict[str, Any]]) -> pl.DataFrame:
    """Answers with the facts of their questions; what is only meta is left out."""
    names = {column: _question(questions, column) or {} for column in long["source_column"].unique()}
    facts = [{"is_choice": _is_choice(facts), **facts, "source_column": column} for column, facts in names.items()]
    schema = {"is_choice": pl.Boolean, **dict.fromkeys(next(iter(questions.values()), {}), pl.String)}
    asked = pl.DataFrame(facts, schema=schema).filter(pl.col("class_code") != "meta")
    return long.join(asked, on="source_column", how="inner", maintain_order="left")


def _entries(delivery: Delivery) -> list[dict[str, Any]]:
    try:
        document = json.loads(delivery.content().decode("utf-8"))
        entries: list[Any] = []
        for page in document if isinstance(document, list) else [document]:
            entries += page["results"]
        if not all(isinstance(entry, dict) for entry in entries):
            raise TypeError("a submission is no object")
        return entries
    except (KeyError, TypeError, ValueError) as error:
        raise delivery.refuse(
            f"not a page of submissions ({error!r})", "an object with 'results'", rule_id="LND-002"
        ) from error


def _moment(delivery: Delivery, entry: dict[str, Any], name: str, number: int) -> datetime | None:
    """A moment in UTC; a form may leave out when it was begun, never when it was sent."""
    text = entry.get(name)
    if name == "start" and text in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise delivery.refuse(
            f"'{text}' is no moment", "ISO 8601", field=name, row=number, rule_id="SRV-001"
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
