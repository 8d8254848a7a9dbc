"""Comext bulk months: one 7z archive or the unpacked file, read on the bulk road.

Belongs here: what the archive must hold, and that the rows are of the month the file's name says. Does not belong here:
what trade codes mean (staging and intermediate models).
"""

from __future__ import annotations

import polars as pl

from ingest.bulk.archive import unpack_one
from ingest.bulk.csv import stream_csv
from ingest.checks import Rule
from ingest.readers import Part, Place, Reading, bulk_reader


@bulk_reader("comext")
def read_comext(reading: Reading, place: Place) -> dict[str, Part]:
    """A month as ``.dat``, or as ``.7z`` with one member. Options: ``member``, its name with ``{partition}`` in it."""
    delivery = reading.delivery
    path = delivery.path
    if path.suffix == ".7z":
        member = str(reading.options["member"]).format(partition=delivery.partition_key)
        path = unpack_one(delivery, member, place.scratch)
    period = next(c for c in reading.table.columns if c.name == "period_code")
    other = Rule(
        period,
        (pl.col(period.name) != delivery.partition_key).fill_null(False),
        "'{value}' is not the period of this file",
        f"{delivery.partition_key}, as the file's name says",
        "LND-008",
    )
    return {delivery.dataset.tables[0]: stream_csv(reading, path, place, [other])}
