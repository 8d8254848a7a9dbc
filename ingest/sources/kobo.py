"""KoboToolbox submissions: JSON with one key per question to long answers, by the codebook of the wave.

Belongs here: what is peculiar to Kobo (groups in names, its own keys, several choices in one text). Does not belong
here: which concepts exist; that is data in the region's ``survey/`` folder (``source_column`` is the question's name).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader

LAKE_CLASSES = ("closed", "identity", "consent", "free_text")
CONTACT = "contact"
# Kobo's own keys: technical, or personal (who submitted, from where) and never taken over.
OWN_PREFIXES = ("_", "meta/", "formhub/")
OWN_KEYS = ("start", "end", "today", "deviceid", "username", "phonenumber")


@reader("kobo")
def read_submissions(reading: Reading) -> Tables:
    """One wave's submissions to ``submission`` and ``answer``; contact persons go to ``reading.contacts``."""
    delivery, wave = reading.delivery, reading.delivery.partition_key
    codebook = _codebook(reading, wave)
    submissions: list[tuple[Any, ...]] = []
    answers: list[tuple[Any, ...]] = []
    for number, entry in enumerate(_entries(delivery), 1):
        key = str(entry.get("_id", ""))
        submissions.append((wave, key, _moment(delivery, entry, number), entry.get("__version__"), number))
        contact: dict[str, str] = {}
        for column, value in entry.items():
            if column.startswith(OWN_PREFIXES) or column in OWN_KEYS or value in (None, ""):
                continue
            question = codebook.get(column.rsplit("/", 1)[-1])
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
            if question["class_code"] == CONTACT:
                contact[question["question_concept_id"]] = str(value)
            elif question["class_code"] in LAKE_CLASSES:
                answers += [
                    (wave, key, question["question_concept_id"], item, column, question["class_code"], text, number)
                    for item, text in _items(question, value)
                ]
        if contact:
            reading.contacts.append({"wave_id": wave, "response_id": key, "fields": contact})
    return {"submission": _frame(reading, "submission", submissions), "answer": _frame(reading, "answer", answers)}


def _codebook(reading: Reading, wave: str) -> dict[str, dict[str, str]]:
    waves = {str(w["wave_id"]): w for w in reading.region.yaml("survey/waves.yml")["waves"]}
    if wave not in waves:
        raise reading.delivery.refuse(
            f"wave '{wave}' is not known", f"one of {', '.join(waves)}", "add the wave to survey/waves.yml", rule_id="SRV-001"
        )  # fmt: skip
    return {row["source_column"]: row for row in reading.region.rows(waves[wave]["codebook"])}


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


def _items(question: dict[str, str], value: Any) -> list[tuple[str, str]]:
    """Item code and text of an answer; of several choices each one is an item."""
    if question.get("answer_type") == "multi":
        return [(code, code) for code in dict.fromkeys(str(value).split())]
    return [(question.get("item_code") or "", str(value))]


def _moment(delivery: Delivery, entry: dict[str, Any], number: int) -> datetime:
    text = entry.get("_submission_time")
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise delivery.refuse(
            f"'{text}' is no moment", "ISO 8601", field="_submission_time", row=number, rule_id="SRV-001"
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _frame(reading: Reading, name: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    table = reading.delivery.source.tables[name]
    columns = [*(c.name for c in table.columns), "source_row"]
    return pl.DataFrame(rows, schema={c: table.lake_schema[c] for c in columns}, orient="row")
