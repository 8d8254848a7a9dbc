"""Frames kept as Arrow files that are mapped into memory: only what is looked at is read.

Belongs here: writing and taking up such a folder. Does not: what the frames are. For large lookup tables of which a run needs
a little, like a prepared register of companies; everything else in the lake is Parquet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl
import pyarrow as pa

TEXTS_AT_A_TIME = 1 << 17


def keep(frames: Mapping[str, pl.LazyFrame], folder: Path) -> None:
    """Write each frame. A file that is mapped somewhere is replaced, never written into."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        fresh = folder / f"{name}.arrow.new"
        rows, has_text = frame.select(pl.len()).collect().item(), pl.String in frame.collect_schema().dtypes()
        # Numbers in one batch: what lies in one piece is used where it lies. Texts in many: they take more room on the way.
        step = TEXTS_AT_A_TIME if has_text else max(rows, 1)
        first = frame.slice(0, step).collect().to_arrow()
        with pa.ipc.new_file(str(fresh), first.schema) as out:
            out.write_table(first)
            for start in range(step, rows, step):
                out.write_table(frame.slice(start, step).collect().to_arrow())
        fresh.replace(folder / f"{name}.arrow")


def taken_up(folder: Path, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """The frames by name; columns of numbers stay in their files until they are read."""
    return {name: _mapped(folder / f"{name}.arrow") for name in names}


def _mapped(path: Path) -> pl.DataFrame:
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    return pl.DataFrame(pl.from_arrow(table))
