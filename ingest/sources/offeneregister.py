"""OffeneRegister JSON lines: register entries without their officers.

The whole register has five million lines: they are read, checked and written some at a time.

Belongs here: dropping natural persons while reading, and splitting ``company_number`` into court, type and number.
Does not belong here: judging whether an entry is current (the snapshot is history).
"""

from __future__ import annotations

import bz2
import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TextIO

import polars as pl

from ingest.bulk.csv import stream_frames
from ingest.readers import Part, Place, Reading, bulk_reader

NUMBER = re.compile(r"(?:.*_)?([A-Z]\d{4}[A-Z]?)_(HRA|HRB|GnR|GsR|PR|VR)\s*0*(\d+)\s*([A-Z]{0,3})")
POSTCODE = re.compile(r"\b(\d{5})\b")


LINES_AT_A_TIME = 50_000


@bulk_reader("offeneregister")
def read_offeneregister(reading: Reading, place: Place) -> dict[str, Part]:
    """JSON lines, packed with bz2 or not. ``officers`` is never looked at."""
    return {"company": stream_frames(reading, _frames(reading), place)}


def _frames(reading: Reading) -> Iterator[pl.DataFrame]:
    delivery = reading.delivery
    columns = [*(c.name for c in reading.table.columns), "source_row"]
    schema = {c: reading.table.lake_schema[c] for c in columns}
    packed = delivery.path.suffix == ".bz2"
    try:
        with (
            bz2.open(delivery.path, "rt", encoding="utf-8")
            if packed
            else delivery.path.open(encoding="utf-8") as handle
        ):
            rows = _rows(reading, handle)
            while some := list(islice(rows, LINES_AT_A_TIME)):
                yield pl.DataFrame(some, schema=schema, orient="row")
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise delivery.refuse(
            f"the file cannot be read ({error})", "complete JSON lines in UTF-8", rule_id="LND-003"
        ) from error


def _rows(reading: Reading, handle: TextIO) -> Iterator[tuple[Any, ...]]:
    for number, line in enumerate(handle, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            name, company_number = (entry["name"] or "").strip(), entry["company_number"]
            match = NUMBER.fullmatch(company_number or "")
            address = entry.get("registered_address") or ""
            postcode = POSTCODE.search(address)
            retrieved = entry.get("retrieved_at")
            at = datetime.fromisoformat(retrieved).replace(tzinfo=None) if retrieved else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise reading.delivery.refuse(
                f"not a register entry ({error!r})",
                "one JSON object with 'company_number' and 'name' per line",
                row=number,
            ) from error
        yield (
            company_number or None,
            name or None,
            match[1] if match else None,
            match[2] if match else None,
            match[3] + match[4] if match else None,
            entry.get("current_status"),
            (entry.get("all_attributes") or {}).get("registered_office"),
            address or None,
            postcode[1] if postcode else None,
            at,
            number,
        )
