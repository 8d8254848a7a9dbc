"""The bulk road: a delimited file of any length becomes typed, checked Parquet in one pass and bounded memory.

Rows stream from the file into Parquet; in passing they get their ``row_hash`` and their values are judged
(``profile``). Only a file that must be refused is read again, to name its rows (``rejects``).

Files of this road are written by machines: one record per line, no quoting, UTF-8, a line end after the last record.
Options of the contract, as for the reader in memory: ``delimiter``, ``strip``, ``null_values``.

Belongs here: the pass itself, and whether a finished table keeps its key. Does not belong here: which rules there are
(``checks``), where the file came from (a source's own reader), or moving the table into the lake (``snapshot``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from ingest.bulk.profile import Profile
from ingest.bulk.rejects import Layout, Rejects, find_rejects
from ingest.checks import Rule, check_key, rules_of
from ingest.contract import Table
from ingest.delivery import Delivery
from ingest.readers import Part, Place, Reading, known_columns

BULK_TYPES = {"text", "int", "float"}
# Level 1 packs codes as well as the default does, in less time.
COMPRESSION_LEVEL = 1
# The lake is read whole, snapshot by snapshot: lowest and highest values would be worked out for nobody.
STATISTICS = {"min": False, "max": False, "null_count": True, "distinct_count": False}
LONGEST_HEADER = 64_000
LAST_CELL = "last cell as delivered"


def stream_csv(reading: Reading, path: Path, place: Place, extra: Iterable[Rule] = ()) -> Part:
    """Read a delimited file, check it and write the dataset's table; ``extra`` are rules beside the contract's.

    Raises:
        DeliveryError: the file has another layout, or a row breaks a rule; ``place.rejects`` names the rows.
        OSError: the table could not be written.
    """
    delivery, table = reading.delivery, reading.table
    if not {c.type for c in table.columns} <= BULK_TYPES or not table.has_row_hash or delivery.dataset.corrections:
        raise ValueError("a table of this road has text, int and float columns, a row hash, and no corrections")
    layout = read_layout(reading, path)
    rules = [rule for column in table.columns for rule in rules_of(column)] + list(extra)
    profile, part = Profile(table.columns, rules), place.parts[delivery.dataset.tables[0]]
    try:
        _write(_rows(layout, profile, place.snapshot_id), part)
    except pl.exceptions.PolarsError as error:
        if "os error" in str(error):
            raise OSError(str(error).splitlines()[0]) from error
        _refuse_found(find_rejects(layout, rules), delivery, place)
        raise delivery.refuse(
            f"the table cannot be read ({str(error).splitlines()[0]})",
            f"lines of {layout.separator.join(layout.header)}",
        ) from error
    # A line with too few cells reads as one whose last cells are empty.
    may_be_short = (profile.empty_ends if layout.is_text_first else profile.missing.get(layout.last_column, 1)) > 0
    if profile.broken or may_be_short:
        _refuse_found(find_rejects(layout, rules, only_cells=not profile.broken), delivery, place)
    if profile.broken:
        raise RuntimeError(f"{path.name} breaks a rule, but the second reading finds no row that does")
    Rejects().write(place.rejects)
    _check_key(delivery, table, part)
    return Part(part, profile.height)


def stream_frames(reading: Reading, frames: Iterable[pl.DataFrame], place: Place) -> Part:
    """Check and write the dataset's table from typed frames that follow each other, with ``source_row``.

    Raises:
        DeliveryError: a row breaks a rule; ``place.rejects`` names the rows, without the line as delivered.
    """
    delivery, table = reading.delivery, reading.table
    if table.has_row_hash:
        raise ValueError("frames carry no row hash")
    part, found, height = place.parts[delivery.dataset.tables[0]], Rejects(), 0
    rules = [rule for column in table.columns for rule in rules_of(column)]
    part.parent.mkdir(parents=True, exist_ok=True)
    schema = pl.DataFrame(schema=table.lake_schema).to_arrow().schema
    with pq.ParquetWriter(part, schema, compression="zstd", compression_level=COMPRESSION_LEVEL) as writer:
        for frame in frames:
            height += frame.height
            found.add_broken(frame, rules)
            if not found.counts:
                full = frame.with_columns(pl.lit(place.snapshot_id).alias("snapshot_id"))
                writer.write_table(full.select(pl.col(c).cast(t) for c, t in table.lake_schema.items()).to_arrow())
    _refuse_found(found, delivery, place)
    Rejects().write(place.rejects)
    _sync(part)
    _check_key(delivery, table, part)
    return Part(part, height)


def read_layout(reading: Reading, path: Path) -> Layout:
    """Header and separator of a file; another header or an unfinished last line is refused."""
    delivery, separator = reading.delivery, str(reading.options.get("delimiter", ","))
    with path.open("rb") as handle:
        first = handle.readline(LONGEST_HEADER)
        handle.seek(-1, os.SEEK_END)
        is_finished = handle.read(1) == b"\n"
    header = [name.strip() for name in first.decode("utf-8-sig", "replace").rstrip("\r\n").split(separator)]
    known_columns(reading, header, reading.table)
    if len(set(header)) < len(header):
        name = next(h for h in header if header.count(h) > 1)
        raise delivery.refuse(f"column '{name}' occurs more than once", "each column once", field=name)
    if not is_finished:
        raise delivery.refuse(
            "the last line does not end: the file is cut off",
            "a line end after the last row",
            "transfer the file again, or end its last line if it is whole; a number that is cut reads as a smaller one",
            rule_id="LND-002",
        )
    nulls = tuple(reading.options.get("null_values") or ())
    return Layout(path, header, separator, reading.table, bool(reading.options.get("strip")), nulls)


def _rows(layout: Layout, profile: Profile, snapshot_id: str) -> pl.LazyFrame:
    """The rows as they go to the lake, still to be read."""
    table = layout.table
    # Where cells are text first, an empty one and one that says "no value" are the same only afterwards.
    last_cell = [pl.col(layout.header[-1]).alias(LAST_CELL)] if layout.is_text_first else []
    values = [layout.value(c, is_strict=True).alias(c.name) for c in table.columns]
    frame = pl.scan_csv(
        layout.path, schema=layout.schema, separator=layout.separator, quote_char=None, glob=False
    ).select(*values, *last_cell)
    # Every row passes through the profile because its hash is wanted, and only through this expression.
    columns = [pl.col(c.name) for c in table.columns] + [pl.col(LAST_CELL) for _ in last_cell]
    row_hash = pl.map_batches(columns, profile.add, return_dtype=pl.UInt64(), is_elementwise=True)
    return (
        frame.with_columns(row_hash.alias("row_hash"), pl.lit(snapshot_id).alias("snapshot_id"))
        .with_row_index("source_row", 1)
        .with_columns(pl.col("source_row").cast(pl.Int64))
        .select(*table.lake_schema)
    )


def _write(rows: pl.LazyFrame, part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    rows.sink_parquet(
        part, compression="zstd", compression_level=COMPRESSION_LEVEL, statistics=STATISTICS, engine="streaming"
    )
    _sync(part)


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _refuse_found(found: Rejects, delivery: Delivery, place: Place) -> None:
    if found.counts:
        found.write(place.rejects)
        raise found.refusal(delivery, place.rejects)


def _check_key(delivery: Delivery, table: Table, part: Path) -> None:
    """Refuse two rows with one key; only rows whose keys may be equal are looked at with their values."""
    if not table.key:
        return
    rows = pl.scan_parquet(part, glob=False)
    # Sorted numbers need no more room than themselves; a table of what was seen needs several times that.
    hashes = rows.select(pl.struct(table.key).hash().alias("hash")).collect(engine="streaming")["hash"].to_numpy()
    hashes = np.sort(hashes)
    twice = pl.Series(hashes[1:][hashes[1:] == hashes[:-1]]).unique()
    if len(twice):
        suspects = rows.filter(pl.struct(table.key).hash().is_in(twice.implode())).select(*table.key, "source_row")
        check_key(delivery, suspects.collect(engine="streaming"), table)
