"""GLEIF API pages (JSON:API): one row per LEI record.

Belongs here: the nesting of the API's answer and the ISO 17442 check digits. Does not belong here: matching to
companies.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
from stdnum import lei

from ingest.readers import Reading, Tables, reader


@reader("gleif_pages")
def read_pages(reading: Reading) -> Tables:
    """One page ``lei-records``; a record whose check digits do not fit is refused (REG-006)."""
    delivery = reading.delivery
    try:
        page = json.loads(delivery.path.read_text(encoding="utf-8"))
        records = page["data"]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        message = "an error answer" if "errors" in locals().get("page", {}) else repr(error)
        raise delivery.refuse(f"not a page of LEI records ({message})", "an object with 'data'") from error
    rows = [_row(number, record) for number, record in enumerate(records, 1)]
    for row in rows:
        if not lei.is_valid(row[0] or ""):
            raise delivery.refuse(
                f"LEI '{row[0]}' fails its check digits", "20 characters by ISO 17442", field="lei", row=row[-1],
                rule_id="REG-006",
            )  # fmt: skip
    columns = [*(c.name for c in reading.table.columns), "source_row"]
    return {"lei_record": pl.DataFrame(rows, schema={c: reading.table.lake_schema[c] for c in columns}, orient="row")}


def _row(number: int, record: dict[str, Any]) -> tuple[Any, ...]:
    attributes = record.get("attributes") or {}
    entity = attributes.get("entity") or {}
    address = entity.get("legalAddress") or {}
    registration = attributes.get("registration") or {}
    updated = registration.get("lastUpdateDate")
    return (
        attributes.get("lei"),
        (entity.get("legalName") or {}).get("name"),
        address.get("postalCode"),
        address.get("city"),
        address.get("country"),
        (entity.get("registeredAt") or {}).get("id"),
        entity.get("registeredAs"),
        (entity.get("legalForm") or {}).get("id"),
        entity.get("status"),
        registration.get("status"),
        datetime.fromisoformat(updated).astimezone(UTC).replace(tzinfo=None) if updated else None,
        number,
    )
