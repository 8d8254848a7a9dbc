"""Landed surveys without the erased: bytes, tables and sidecar become a new snapshot that names the hash of the old one.

The tables are filtered, not read anew: a delivery of years ago need not fit today's codebook to lose a response.

Belongs here: one snapshot whole, then the old one gone. Does not belong here: what a file without someone looks like
(``removal``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from ingest.contract import Source
from ingest.delivery import snapshot_id
from ingest.removal import without
from ingest.snapshot import Sidecar, landed, sidecar_path
from warehouse.lake import table_folder, write_parquet
from warehouse.paths import Lineage, remove_tree, write_text_atomically
from warehouse.privacy.erasure.tombstones import Tombstones
from warehouse.privacy.vault import Vault
from warehouse.steps import step


def rewrite_snapshots(source: Source, lineage: Lineage) -> list[str]:
    """Rewrite every landed delivery of a survey that holds something of an erased company; names of the old ones.

    A delivery whose form cannot be rewritten loses its bytes altogether; its tables stay, without the erased.
    """
    stones = Tombstones.of(lineage)
    old = []
    for sidecar in list(landed(lineage, source.source_id)):
        names = source.datasets[sidecar.dataset_code].tables
        # A delivery that landed before its source had a table lacks it.
        tables = {name: _table(lineage, sidecar, name) for name in names if _path(lineage, sidecar, name).exists()}
        kept = {name: _kept(frame, stones) for name, frame in tables.items()}
        before = _bytes(lineage, sidecar)
        after = without(sidecar.file_name, sidecar.partition_key, before, stones) if before is not None else None
        if after == before and all(kept[name].equals(frame) for name, frame in tables.items()):
            continue
        if after == before:
            after = None
        _put(lineage, source, sidecar, kept, after)
        old.append(sidecar.snapshot_id)
        step("vault", "rewritten", f"{sidecar.file_name}: a new snapshot without what was erased")
    return old


def _bytes(lineage: Lineage, sidecar: Sidecar) -> bytes | None:
    try:
        return Vault(lineage).read_delivery(sidecar.snapshot_id)
    except FileNotFoundError:
        return None


def _path(lineage: Lineage, sidecar: Sidecar, name: str) -> Path:
    return table_folder(lineage.lake, sidecar.source_id, name) / f"{sidecar.snapshot_id}.parquet"


def _table(lineage: Lineage, sidecar: Sidecar, name: str) -> pl.DataFrame:
    return pl.read_parquet(_path(lineage, sidecar, name))


def _kept(frame: pl.DataFrame, stones: Tombstones) -> pl.DataFrame:
    """Rows of other responses, and of texts that others wrote; an answer that is an erased company's name is none."""
    if "text_hash" in frame.columns:
        return frame.filter(~pl.col("text_hash").map_elements(stones.has_text, return_dtype=pl.Boolean))
    own = pl.struct("wave_id", "response_id").map_elements(
        lambda row: stones.has_response(row["wave_id"], row["response_id"]), return_dtype=pl.Boolean
    )
    kept = frame.filter(~own)
    if "raw_value" in kept.columns:
        kept = kept.filter(~pl.col("raw_value").map_elements(stones.has_name, return_dtype=pl.Boolean).fill_null(False))
    return kept


def _put(
    lineage: Lineage, source: Source, sidecar: Sidecar, tables: dict[str, pl.DataFrame], content: bytes | None
) -> None:
    """New bytes and tables first, then the sidecar that makes them count, then nothing of the old."""
    sha256 = hashlib.sha256(content).hexdigest() if content is not None else _hash_without_bytes(sidecar)
    name = snapshot_id(source, sidecar.dataset_code, sidecar.partition_key, sha256)
    if content is not None:
        Vault(lineage).store_delivery(name, content)
    for table, frame in tables.items():
        named = frame.with_columns(pl.lit(name).alias("snapshot_id"))
        write_parquet(named, table_folder(lineage.lake, source.source_id, table) / f"{name}.parquet")
    _move_contacts(lineage, sidecar.snapshot_id, name)
    new = replace(
        sidecar, snapshot_id=name, sha256=sha256, byte_count=len(content) if content is not None else 0,
        row_count=next(iter(tables.values())).height, predecessor_sha256=sidecar.sha256,
    )  # fmt: skip
    text = json.dumps(asdict(new), ensure_ascii=False, indent=2) + "\n"
    write_text_atomically(sidecar_path(lineage, source.source_id, name), text)
    remove_snapshot(lineage, source, sidecar.snapshot_id)


def _hash_without_bytes(sidecar: Sidecar) -> str:
    """A name for a delivery whose bytes are gone, different from every name that bytes could give."""
    return hashlib.sha256(f"without bytes: {sidecar.sha256}".encode()).hexdigest()


def _move_contacts(lineage: Lineage, old: str, new: str) -> None:
    with Vault(lineage).connection() as connection:
        connection.execute("UPDATE OR REPLACE contact SET snapshot_id = ? WHERE snapshot_id = ?", (new, old))


def remove_snapshot(lineage: Lineage, source: Source, name: str) -> None:
    """Let go of a snapshot: what makes it count first, so that a kill leaves nothing that is read."""
    remove_tree(lineage.raw / source.source_id / name)
    for table in source.tables:
        (table_folder(lineage.lake, source.source_id, table) / f"{name}.parquet").unlink(missing_ok=True)
    Vault(lineage).forget_delivery(name)
