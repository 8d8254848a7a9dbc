"""Frames kept as Arrow files that are mapped into memory: only what is looked at is read.

Belongs here: writing and taking up such a folder. Does not: what the frames are. For large lookup tables of which a run needs
a little, like a prepared register of companies; everything else in the lake is Parquet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

TEXTS_AT_A_TIME, READ_AT_A_TIME = 1 << 14, 1 << 16


def keep(frames: Mapping[str, pl.LazyFrame], folder: Path) -> None:
    """Write each frame. A file that is mapped somewhere is replaced, never written into."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        fresh = folder / f"{name}.arrow.new"
        rows, has_text = frame.select(pl.len()).collect().item(), pl.String in frame.collect_schema().dtypes()
        # Numbers in one batch: what lies in one piece is used where it lies. Texts in many, as they come.
        if has_text:
            in_parts = _in_parts(frame, rows)
            in_parts.sink_ipc(fresh, compression="uncompressed", record_batch_size=TEXTS_AT_A_TIME)
        else:
            frame.collect().write_ipc(fresh, compression="uncompressed", record_batch_size=max(rows, 1))
        fresh.replace(folder / f"{name}.arrow")


def _in_parts(frame: pl.LazyFrame, rows: int) -> pl.LazyFrame:
    """The frame, read a part at a time. A scan of Parquet otherwise unpacks several row groups ahead of what is written:
    of a million names that is seventy megabytes."""

    def parts(columns: list[str] | None, *_: object) -> Iterator[pl.DataFrame]:
        for start in range(0, rows, READ_AT_A_TIME):
            part = frame.slice(start, READ_AT_A_TIME).collect()
            yield part if columns is None else part.select(columns)

    return register_io_source(parts, schema=frame.collect_schema())


def taken_up(folder: Path, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """The frames by name; columns of numbers stay in their files until they are read."""
    return {name: _mapped(folder / f"{name}.arrow") for name in names}


def scanned(folder: Path, name: str) -> pl.LazyFrame:
    """One of the frames, of which parts can be read without the others."""
    return pl.scan_ipc(folder / f"{name}.arrow")


def _mapped(path: Path) -> pl.DataFrame:
    # Only here: a run that keeps does without its twenty megabytes.
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    return pl.DataFrame(pl.from_arrow(table))
