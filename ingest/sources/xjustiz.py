"""The list of register courts: two columns for sure, days and successors where a file has them.

Belongs here: which column is which, and the version the file's name says. Does not belong here: which court keeps the
register of a place (the region's folder).
"""

from __future__ import annotations

import polars as pl

from ingest.readers import Reading, Tables, csv_as_text, reader, typed


@reader("xjustiz")
def read_courts(reading: Reading) -> Tables:
    """Courts of one version. Options: ``headers``, column here to the names it may have in a file.

    Raises:
        DeliveryError: other columns, a court that ends before it begins or is its own successor.
    """
    delivery, columns = reading.delivery, reading.table.columns
    frame = csv_as_text(reading)
    frame = frame.rename({name: name.strip() for name in frame.columns})
    known: dict[str, list[str]] = reading.options["headers"]
    found = {column: [h for h in frame.columns if h in names] for column, names in known.items()}
    expected = "; ".join(f"{column} as {' or '.join(names)}" for column, names in known.items())
    if unknown := [h for h in frame.columns if not any(h in names for names in known.values())]:
        todo = "if the publisher changed the layout, extend the source's contract; else export again"
        raise delivery.refuse(f"unknown column '{unknown[0]}'", expected, todo, field=unknown[0])
    for column, headers in found.items():
        if len(headers) > 1:
            raise delivery.refuse(f"columns {headers} would both be {column}", expected, field=headers[1])
        if not headers and next(c for c in columns if c.name == column).required:
            raise delivery.refuse(f"no column is the {column}", expected, field=column)
    courts = frame.select(
        pl.lit(delivery.vintage).alias("list_version"),
        pl.lit(delivery.partition_key or None, pl.String).alias("list_part"),
        *[(pl.col(h[0]).str.strip_chars() if h else pl.lit(None, pl.String)).alias(c) for c, h in found.items()],
        pl.int_range(1, pl.len() + 1).alias("source_row"),
    )
    courts = typed(delivery, courts, columns)
    for wrong, problem, field in (
        (pl.col("valid_to") < pl.col("valid_from"), "ends before it begins", "valid_to"),
        (pl.col("successor_court_code") == pl.col("court_code"), "is its own successor", "successor_court_code"),
    ):
        bad = courts.filter(wrong)
        if bad.height:
            first = bad.row(0, named=True)
            raise delivery.refuse(
                f"court {first['court_code']} {problem} ({bad.height} such courts)", "a court with its days and successor",
                field=field, row=first["source_row"], rule_id="REG-002", failed_rows=bad.height,
            )  # fmt: skip
    return {"court": courts}
