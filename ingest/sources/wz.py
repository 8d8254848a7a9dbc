"""WZ code lists: the revision is a fact of the dataset, not of the file."""

from __future__ import annotations

import polars as pl

from ingest.readers import Reading, Tables, csv_as_text, reader, typed


@reader("wz")
def read_codes(reading: Reading) -> Tables:
    """``code,level,title_de,parent`` of one revision."""
    frame = csv_as_text(reading)
    if frame.columns != ["code", "level", "title_de", "parent"]:
        raise reading.delivery.refuse(f"columns {frame.columns}", "code, level, title_de, parent")
    frame = frame.select(
        pl.lit(reading.options["wz_revision"]).alias("wz_revision"),
        pl.col("code").alias("wz_code"),
        pl.col("level").alias("wz_level"),
        "title_de",
        pl.when(pl.col("parent") == "").then(None).otherwise(pl.col("parent")).alias("parent_wz_code"),
        pl.int_range(1, pl.len() + 1).alias("source_row"),
    )
    return {"code": typed(reading.delivery, frame, reading.table.columns)}
