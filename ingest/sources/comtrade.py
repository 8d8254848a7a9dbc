"""UN Comtrade answers: totals only, flows by partner apart from the published sum over all partners.

Belongs here: the envelope and the rows that would count twice. Does not belong here: asking (``connectors/comtrade``).
"""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

from ingest.delivery import Delivery
from ingest.readers import Reading, Tables, reader

LABELS = {"M": "Import", "X": "Export"}
WORLD = "0"
# Rows exist per mode of transport, customs procedure and second partner, and in total; only the totals are kept.
TOTALS = {"motCode": "0", "customsCode": "C00", "partner2Code": "0"}
# What a row says it is: goods, in an edition of the Harmonized System.
NAMED = {"typeCode": r"C", "classificationCode": r"HS|H\d"}


@reader("comtrade_api")
def read_answers(reading: Reading) -> Tables:
    """An answer or a list of them to ``flow`` and ``world_total``; re-exports and the code TOTAL are left out."""
    delivery = reading.delivery
    flows: list[tuple[Any, ...]] = []
    totals: list[tuple[Any, ...]] = []
    for number, row in enumerate(_rows(delivery), 1):
        missing = [name for name in (*TOTALS, "flowCode", "partnerCode", "cmdCode", "primaryValue") if name not in row]
        if missing:
            raise delivery.refuse(
                f"field '{missing[0]}' is missing", "rows of the API", field=missing[0], row=number, rule_id="TRD-001"
            )
        _refuse_other(delivery, row, number)
        product, flow = str(row["cmdCode"]), str(row["flowCode"])
        if any(str(row[name]) != total for name, total in TOTALS.items()) or flow not in LABELS or product == "TOTAL":
            continue
        value = _number(delivery, row["primaryValue"], number)
        reporter, year = _text(row, "reporterISO"), _year(delivery, row, number)
        if str(row["partnerCode"]) == WORLD:
            totals.append((reporter, product, flow, year, value, number))
        else:
            partner = (_text(row, "partnerISO"), _text(row, "partnerDesc"))
            names = (_text(row, "reporterDesc"), LABELS[flow])
            flows.append((reporter, *names, *partner, product, _text(row, "cmdDesc"), value, year, number))
    return {name: _frame(reading, name, rows) for name, rows in (("flow", flows), ("world_total", totals))}


def _rows(delivery: Delivery) -> list[dict[str, Any]]:
    try:
        document = json.loads(delivery.path.read_text(encoding="utf-8-sig"))
        rows: list[dict[str, Any]] = []
        for answer in document if isinstance(document, list) else [document]:
            own = answer["data"]
            if answer.get("count", len(own)) != len(own) or not all(isinstance(row, dict) for row in own):
                raise ValueError(f"count {answer.get('count')}, {len(own)} rows")
            rows += own
        return rows
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise delivery.refuse(
            f"not an answer of the API ({error!r})", "count and as many rows in data", rule_id="LND-002"
        ) from error


def _refuse_other(delivery: Delivery, row: dict[str, Any], number: int) -> None:
    """A row of another classification, reporter or year than the file's name says (LND-008); what is absent passes."""
    reporter, _, year = delivery.partition_key.partition("-")
    due = NAMED | {"reporterCode": reporter, "refYear": year}
    for name, pattern in due.items():
        said = row.get(name)
        if said is not None and not re.fullmatch(pattern, str(said)):
            raise delivery.refuse(
                f"the answer is of {name} {said}", f"{name} {pattern}, as the file's name says",
                "name the file as its answer, or ask again", field=name, row=number, rule_id="LND-008",
            )  # fmt: skip


def _frame(reading: Reading, name: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    table = reading.delivery.source.tables[name]
    columns = [*(c.name for c in table.columns), "source_row"]
    return pl.DataFrame(rows, schema={c: table.lake_schema[c] for c in columns}, orient="row")


def _text(row: dict[str, Any], name: str) -> str | None:
    return str(row[name]).strip() or None if row.get(name) is not None else None


def _number(delivery: Delivery, value: Any, number: int) -> float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return None if value is None else float(value)
    raise delivery.refuse(f"'{value}' is no number", "a number", field="primaryValue", row=number, rule_id="TRD-004")


def _year(delivery: Delivery, row: dict[str, Any], number: int) -> int:
    """The year of an annual row; months would be added to years otherwise."""
    if row.get("freqCode", "A") != "A" or not str(row.get("refYear", "")).isdigit():
        raise delivery.refuse(
            f"frequency {row.get('freqCode')}, year {row.get('refYear')}", "annual rows", field="refYear", row=number
        )
    return int(row["refYear"])
