"""The Gemeindeverzeichnis workbook: territorial units with their keys split over columns.

Belongs here: the workbook's layout (preamble, key parts, footnotes). Does not belong here: which units a region has.
"""

from __future__ import annotations

import re
from datetime import date

import fastexcel
import polars as pl

from ingest.readers import Reading, Tables, reader

RECORD_TYPES = ("10", "20", "30", "40", "50", "60")


@reader("gemeindeverzeichnis")
def read_workbook(reading: Reading) -> Tables:
    """Units from Land (10) to municipality (60); ARS and AGS are put together from their parts."""
    delivery = reading.delivery
    try:
        book = fastexcel.read_excel(delivery.path)
        sheet = next(name for name in book.sheet_names if "Gemeinden" in name)
        frame = pl.read_excel(delivery.path, sheet_name=sheet, has_header=False, infer_schema_length=0)
    except (fastexcel.FastExcelError, StopIteration, OSError) as error:
        raise delivery.refuse(
            f"not the expected workbook ({error!r})", "a sheet with 'Gemeinden' in its name"
        ) from error
    stamp = re.search(r"(\d{2})(\d{2})(\d{4})$", sheet)
    frame = frame.with_row_index("source_row", offset=1)
    rows = frame.filter(pl.col("column_0").is_in(RECORD_TYPES))
    part = {name: pl.col(f"column_{i}").fill_null("") for i, name in enumerate(["land", "rb", "kreis", "vb", "gem"], 2)}
    kreis = pl.concat_str([part["land"], part["rb"], part["kreis"]])
    units = rows.select(
        pl.col("column_0").alias("record_type_code"),
        pl.concat_str([kreis, part["vb"], part["gem"]]).alias("ars"),
        pl.when(pl.col("column_0") == "60")
        .then(pl.concat_str([kreis, part["gem"]]))
        .when(pl.col("column_0").is_in(["10", "20", "40"]))
        .then(kreis)
        .alias("ags"),
        pl.col("column_7").str.strip_chars().alias("unit_name"),
        pl.col("column_9").cast(pl.Int64, strict=False).alias("population_count"),
        pl.lit(date(int(stamp[3]), int(stamp[2]), int(stamp[1])) if stamp else None, dtype=pl.Date).alias(
            "reference_date"
        ),
        pl.col("source_row").cast(pl.Int64),
    )
    return {"unit": units}
