"""Registers prepared for linkage, kept in the vault until they or the settings change.

Belongs here: when a register is prepared anew, and that it is never in memory as text meanwhile. Does not: who is compared
with whom (``matching``), or preparing itself (``warehouse.methods.linkage``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.io.plugins import register_io_source

from warehouse.mapped import keep, scanned, taken_up
from warehouse.memory import give_back
from warehouse.methods.linkage import LinkageSettings, PreparedRegister, prepare_register
from warehouse.methods.linkage.records import FIELDS
from warehouse.methods.linkage.register import FRAMES
from warehouse.paths import OWNER_ONLY, Lineage, remove_tree

if TYPE_CHECKING:
    from warehouse.privacy.pseudonyms import Facts

FOLDER = "linkage"
SAID = ("name", "postcode", "town", "street", "court_code", "register_type", "register_number", "lei")
SCHEMA: dict[str, pl.DataType] = dict.fromkeys(("record_id", *SAID), pl.String())
ROWS_AT_A_TIME = 1 << 15


def records_of(companies: Mapping[str, Facts]) -> Iterator[pl.DataFrame]:
    """Companies as records to be linked, in order of their ids, a part of them at a time; one part at least."""
    ids = sorted(companies)
    for start in range(0, max(len(ids), 1), ROWS_AT_A_TIME):
        own = ids[start : start + ROWS_AT_A_TIME]
        rows = [(company, *(getattr(companies[company], name) for name in SAID)) for company in own]
        yield pl.DataFrame(rows, schema=SCHEMA, orient="row")


def prepared_register(
    lineage: Lineage, settings: LinkageSettings, companies: Mapping[str, Facts], kind: str
) -> PreparedRegister:
    """The companies as they were prepared before, unless they, or the settings, changed since."""
    (lineage.vault / FOLDER).mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    source = lineage.vault / FOLDER / f"{kind}.parquet"
    try:
        content = _written(companies, source) + repr((settings, FRAMES, FIELDS)).encode()
        folder = lineage.vault / FOLDER / kind / hashlib.sha256(content).hexdigest()[:16]
        if folder.exists():
            return PreparedRegister.from_frames(taken_up(folder, FRAMES), settings)
        remove_tree(folder.parent)
        folder.parent.mkdir(mode=OWNER_ONLY)
        return prepared_in(folder, pl.scan_parquet(source), settings)
    finally:
        source.unlink(missing_ok=True)


def _written(companies: Mapping[str, Facts], target: Path) -> bytes:
    """Write the companies as Parquet; what tells them from others."""
    hashes: list[npt.NDArray[np.uint64]] = []

    def parts(*_: object) -> Iterator[pl.DataFrame]:
        for part in records_of(companies):
            hashes.append(part.hash_rows(seed=1).to_numpy())
            yield part

    register_io_source(parts, schema=SCHEMA).sink_parquet(target, compression="lz4")
    return np.concatenate(hashes).tobytes()


def prepared_in(folder: Path, register: pl.LazyFrame, settings: LinkageSettings) -> PreparedRegister:
    """Prepare a register and keep it in a new folder, whole or not at all; ids and names are read from there afterwards."""
    prepared = prepare_register(register, settings)
    give_back()
    partial = folder.with_suffix(".part")
    keep(prepared.lazy_frames(), partial)
    partial.rename(folder)
    give_back()
    return replace(prepared, texts=scanned(folder, "texts"))


def forget_prepared(lineage: Lineage) -> None:
    """Let go of what was prepared; it is made again when it is needed."""
    remove_tree(lineage.vault / FOLDER)
