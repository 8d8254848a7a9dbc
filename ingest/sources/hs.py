"""HS descriptions as one list per edition; the edition is in the file's name."""

from __future__ import annotations

import polars as pl

from ingest.readers import Reading, Tables, reader


@reader("hs_description")
def read_descriptions(reading: Reading) -> Tables:
    """``code, desc`` of one edition. Codes that are not two, four or six digits are not HS codes and stay out."""
    try:
        frame = pl.read_parquet(reading.delivery.path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise reading.delivery.refuse(f"the Parquet file cannot be read ({error})", "a complete file") from error
    edition = reading.options["editions"][reading.delivery.partition_key]
    return {
        "product": frame.with_row_index("source_row", offset=1)
        .filter(pl.col("code").str.contains(r"^(\d{2}|\d{4}|\d{6})$"))
        .select(
            pl.lit(edition).alias("classification_code"),
            pl.col("code").alias("product_code"),
            pl.lit(None, pl.String).alias("product_name_de"),
            pl.col("desc").alias("product_name_en"),
            pl.col("source_row").cast(pl.Int64),
        )
    }
