"""BACI years: eleven million flows in one file, read on the bulk road.

Belongs here: that the rows are of the year the file's name says, and what a broken first line looks like. Does not
belong here: the two code lists, which are ordinary CSV, or what the codes mean (staging and intermediate models).
"""

from __future__ import annotations

import re

import polars as pl

from ingest.bulk.csv import LONGEST_HEADER, stream_csv
from ingest.checks import Rule
from ingest.readers import Part, Place, Reading, bulk_reader

YEAR = re.compile(r".*_Y(\d{4})")


@bulk_reader("baci")
def read_baci(reading: Reading, place: Place) -> dict[str, Part]:
    """One year of one HS edition. Options: ``strip`` and ``null_values``, because quantities are padded and ``NA``."""
    delivery = reading.delivery
    _refuse_other_shape(reading)
    year = next(c for c in reading.table.columns if c.name == "year")
    match = YEAR.fullmatch(delivery.partition_key)
    of_the_year = [
        Rule(
            year, (pl.col(year.name) != int(match[1])).fill_null(False), "{value} is not the year of this file",
            f"{match[1]}, as the file's name says", "LND-008",
        )
    ] if match else []  # fmt: skip
    return {delivery.dataset.tables[0]: stream_csv(reading, delivery.path, place, of_the_year)}


def _refuse_other_shape(reading: Reading) -> None:
    """Refuse a header that names another number of columns than the first row has: which one is missing is unknown."""
    delivery, separator = reading.delivery, str(reading.options.get("delimiter", ","))
    with delivery.path.open("rb") as handle:
        header, first = (handle.readline(LONGEST_HEADER).count(separator.encode()) + 1 for _ in range(2))
    if delivery.path.stat().st_size and first > 1 and header != first:
        raise delivery.refuse(
            f"the table cannot be split into columns (the header names {header}, the first row has {first} cells)",
            f"the same number of cells in every row, separated by '{separator}'",
        )
