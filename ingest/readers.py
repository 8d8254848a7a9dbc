"""From delivered bytes to typed frames: one reader per file format, found by name.

Belongs here: formats that several sources share (CSV, Parquet) and the rules all readers keep: unknown columns are
refused, text is never guessed into numbers, a value that does not fit its type names its row. Does not belong here:
a single source's peculiarities (``ingest/sources/<source>.py``).
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ingest.contract import Column, Table
from ingest.delivery import Delivery
from ingest.errors import BROKEN_ZIP
from warehouse.region import Region

Tables = dict[str, pl.DataFrame]
TIMESTAMP_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


@dataclass
class Reading:
    """What a reader gets: the delivery, the region (for its codebooks) and a place for contact data.

    ``contacts`` is filled by the survey reader only and goes to the vault, never to the lake.
    """

    delivery: Delivery
    region: Region
    contacts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        return self.delivery.dataset.options

    @property
    def table(self) -> Table:
        """The table of a dataset that fills only one."""
        return self.delivery.source.tables[self.delivery.dataset.tables[0]]


@dataclass(frozen=True)
class Part:
    """A table that a bulk reader has written and checked, under its temporary name."""

    path: Path
    height: int


@dataclass(frozen=True)
class Place:
    """Where a bulk reader works: ``parts`` by table, ``rejects`` for rows that break a rule, ``scratch`` for the rest.

    ``scratch`` and parts that were not moved are gone afterwards; ``rejects`` stays as evidence.
    """

    snapshot_id: str
    parts: dict[str, Path]
    rejects: Path
    scratch: Path


Reader = Callable[[Reading], Tables]
BulkReader = Callable[[Reading, Place], dict[str, Part]]
_readers: dict[str, Reader] = {}
_bulk_readers: dict[str, BulkReader] = {}


def reader(name: str) -> Callable[[Reader], Reader]:
    """Register a reader under the name contracts use."""

    def register(function: Reader) -> Reader:
        _readers[name] = function
        return function

    return register


def bulk_reader(name: str) -> Callable[[BulkReader], BulkReader]:
    """Register a reader for files too large for memory: it writes and checks the tables itself."""

    def register(function: BulkReader) -> BulkReader:
        _bulk_readers[name] = function
        return function

    return register


def find_bulk_reader(name: str, source_id: str) -> BulkReader | None:
    """The bulk reader of this name, or None where it is an ordinary one."""
    _load(name, source_id)
    return _bulk_readers.get(name)


def find_reader(name: str, source_id: str) -> Reader:
    """The reader of a dataset; a source's own module is loaded when its contract asks for its reader."""
    _load(name, source_id)
    return _readers[name]


def _load(name: str, source_id: str) -> None:
    is_known = name in _readers or name in _bulk_readers
    if not is_known and importlib.util.find_spec(f"ingest.sources.{source_id}"):
        importlib.import_module(f"ingest.sources.{source_id}")


@reader("csv")
def read_csv(reading: Reading) -> Tables:
    """Delimited text with a header. Options: ``delimiter``, ``encoding``, ``null_values``, ``strip``."""
    return {reading.delivery.dataset.tables[0]: conform(reading, csv_as_text(reading), reading.table)}


@reader("parquet")
def read_parquet(reading: Reading) -> Tables:
    """Parquet as delivered. Options: ``strip``, ``ignore_other_columns``."""
    try:
        frame = pl.read_parquet(reading.delivery.path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise reading.delivery.refuse(f"the Parquet file cannot be read ({error})", "a complete file") from error
    return {reading.delivery.dataset.tables[0]: conform(reading, frame, reading.table)}


def csv_as_text(reading: Reading, content: bytes | None = None) -> pl.DataFrame:
    """A delimited file with every cell as text; a byte that is not in the declared encoding is refused (LND-003)."""
    delivery, options = reading.delivery, reading.options
    encoding = options.get("encoding", "utf-8-sig")
    raw = delivery.content() if content is None else content
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n")
        raise delivery.refuse(
            f"byte {error.start} is not {encoding}",
            f"text in {encoding}",
            "export the file again in this encoding",
            row=row,
            rule_id="LND-003",
        ) from error
    try:
        frame = pl.read_csv(
            text.encode(),
            separator=options.get("delimiter", ","),
            infer_schema=False,
            null_values=options.get("null_values"),
            truncate_ragged_lines=False,
        )
    except pl.exceptions.PolarsError as error:
        first = str(error).splitlines()[0]
        raise delivery.refuse(
            f"the table cannot be split into columns ({first})",
            f"the same number of cells in every row, separated by '{options.get('delimiter', ',')}'",
        ) from error
    return frame


def csv_bytes(delivery: Delivery) -> bytes:
    """Bytes of a CSV, out of its ZIP where it came in one; the ZIP holds exactly one."""
    raw = delivery.content()
    if delivery.suffix != ".zip":
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            if len(members) != 1:
                raise delivery.refuse(f"the ZIP holds {len(members)} CSV files", "exactly one", rule_id="LND-002")
            return archive.read(members[0])
    except (*BROKEN_ZIP, OSError) as error:
        raise delivery.refuse(
            f"the ZIP is damaged or cut off ({error})", "a complete ZIP", "transfer the file again", rule_id="LND-002"
        ) from error


def conform(reading: Reading, frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Bring a frame into the table's shape: known columns only, given types, ``source_row`` counted from 1."""
    delivery, options = reading.delivery, reading.options
    headers = [c.strip() for c in frame.columns]
    frame = frame.rename(dict(zip(frame.columns, headers, strict=True)))
    known_columns(reading, headers, table)
    frame = frame.select(pl.col(c.delivered_as).alias(c.name) for c in table.columns)
    if options.get("strip"):
        frame = frame.with_columns(pl.col(pl.String).str.strip_chars())
    nulls = options.get("null_values")
    if nulls:
        frame = frame.with_columns(
            pl.when(pl.col(pl.String).is_in(nulls)).then(None).otherwise(pl.col(pl.String)).name.keep()
        )
    frame = frame.with_row_index("source_row", offset=1).with_columns(pl.col("source_row").cast(pl.Int64))
    return typed(delivery, frame, table.columns)


def known_columns(reading: Reading, headers: list[str], table: Table) -> None:
    """Refuse a header with unknown or missing columns."""
    delivery = reading.delivery
    expected = {c.delivered_as: c for c in table.columns}
    unknown = [h for h in headers if h not in expected]
    if unknown and not reading.options.get("ignore_other_columns"):
        raise delivery.refuse(
            f"unknown column{'s' if len(unknown) > 1 else ''} {', '.join(repr(u) for u in unknown[:5])}",
            f"the columns {', '.join(expected)}",
            "if the source has changed its layout, extend the source's contract; else export again",
            field=unknown[0],
        )
    missing = [h for h in expected if h not in headers]
    if missing:
        raise delivery.refuse(
            f"column '{missing[0]}' is missing", f"the columns {', '.join(expected)}", field=missing[0]
        )


def typed(delivery: Delivery, frame: pl.DataFrame, columns: list[Column]) -> pl.DataFrame:
    """Cast text to the contract's types; the first value that does not fit is named with its row."""
    for column in columns:
        before = frame[column.name]
        after = _cast(before, column)
        bad = before.is_not_null() & after.is_null()
        if before.dtype == pl.String:
            bad &= before.str.strip_chars() != ""
        if bad.any():
            row = frame.filter(bad).row(0, named=True)
            raise delivery.refuse(
                f"'{row[column.name]}' is not a valid {column.type} ({int(bad.sum())} such values)",
                f"a value of type {column.type}",
                field=column.delivered_as,
                row=row["source_row"],
                rule_id=column.rule_id,
                failed_rows=int(bad.sum()),
            )
        frame = frame.with_columns(after.alias(column.name))
    return frame


def _cast(values: pl.Series, column: Column) -> pl.Series:
    if values.dtype == column.dtype:
        if column.type == "text":
            return values.replace("", None)
        return values
    if values.dtype == pl.String:
        values = values.str.strip_chars()
        if column.type == "timestamp":
            parsed = [values.str.strptime(pl.Datetime("us"), f, strict=False) for f in TIMESTAMP_FORMATS]
            return pl.DataFrame(parsed_columns(parsed)).select(pl.coalesce(pl.all()).alias("v"))["v"]
        if column.type == "date":
            return values.str.strptime(pl.Date, "%Y-%m-%d", strict=False)
        if column.type == "bool":
            return values.str.to_lowercase().replace_strict(
                {"1": True, "0": False, "true": True, "false": False, "y": True, "n": False}, default=None
            )
    return values.cast(column.dtype, strict=False)


def parsed_columns(series: list[pl.Series]) -> dict[str, pl.Series]:
    """Several readings of the same values as columns of one frame."""
    return {f"v{i}": s for i, s in enumerate(series)}
