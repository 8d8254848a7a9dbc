"""The snapshot store: delivered bytes unchanged, a sidecar beside them, typed tables in the lake.

Belongs here: landing one delivery whole or not at all, and reading back what has landed. A snapshot exists once its
sidecar does; everything before that is swept away by the next landing. Does not belong here: what the bytes mean.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingest.checks import check, correct
from ingest.contract import Source
from ingest.delivery import Delivery, look
from ingest.errors import DeliveryError
from ingest.mapping import read_with
from ingest.readers import Part, Place, Reading, Tables, find_bulk_reader, find_reader
from warehouse.lake import ensure_empty, table_folder, write_parquet
from warehouse.paths import Lineage, remove_tree, sync_folder, write_text_atomically
from warehouse.privacy.vault import Vault
from warehouse.region import Region
from warehouse.release import file_sha256
from warehouse.steps import step


@dataclass(frozen=True)
class Sidecar:
    """What is known of one snapshot. Times are UTC in ISO 8601; ``reading_sha256`` names contract and reader.

    ``predecessor_sha256``: the delivery this one is without what was erased of it.
    """

    snapshot_id: str
    source_id: str
    dataset_code: str
    partition_key: str
    vintage_id: str
    file_name: str
    origin: str
    url: str
    retrieved_at: str
    http_status: int | None
    etag: str | None
    last_modified: str | None
    sha256: str
    byte_count: int
    row_count: int
    licence: str
    attribution: str
    is_synthetic: bool
    reading_sha256: str
    predecessor_sha256: str | None = None


def sidecar_path(lineage: Lineage, source_id: str, snapshot_id: str) -> Path:
    """Where the sidecar of a snapshot lies."""
    return lineage.raw / source_id / snapshot_id / "sidecar.json"


def landed(lineage: Lineage, source_id: str) -> Iterator[Sidecar]:
    """Snapshots of a source that landed completely."""
    for path in sorted((lineage.raw / source_id).glob("*/sidecar.json")):
        yield Sidecar(**json.loads(path.read_text(encoding="utf-8")))


def reading_sha256(source: Source, region: Region) -> str:
    """Fingerprint of everything that decides how bytes become tables: contract, reader code and codebooks."""
    here = Path(__file__).parent
    files = [here / "readers.py", *sorted((here / "sources").glob(f"{source.source_id}*.py"))]
    if any(find_bulk_reader(d.reader, source.source_id) for d in source.datasets.values()):
        files += sorted((here / "bulk").glob("*.py"))
    # How a source is asked decides nothing about what its bytes mean.
    digest = hashlib.sha256(source.model_dump_json(exclude={"fetch"}).encode())
    for path in files:
        digest.update(path.read_bytes() if path.exists() else b"-")
    if source.kind_code == "survey":
        for path in [here / "answers.py", *sorted((here / "survey").glob("*.py"))]:
            digest.update(path.read_bytes())
        for folder in (region.folder, region.folder.parent / "default"):
            for path in sorted((folder / "survey").glob("*")):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def scratch_folder(lineage: Lineage, source_id: str) -> Path:
    """Where a source's bulk reader may unpack; gone after every landing."""
    return lineage.build / f"dock-{source_id}"


def rejects_path(lineage: Lineage, snapshot_id: str) -> Path:
    """Which rows of a large delivery break a rule: evidence, also of one that did not land."""
    return lineage.runs / "rejects" / f"{snapshot_id}.parquet"


def sweep(lineage: Lineage, source: Source) -> None:
    """Remove what an interrupted landing left, and give every table its columns."""
    folder = lineage.raw / source.source_id
    complete = {s.snapshot_id for s in landed(lineage, source.source_id)}
    for path in folder.glob("*"):
        if path.name not in complete:
            remove_tree(path)
    remove_tree(scratch_folder(lineage, source.source_id))
    for name, table in source.tables.items():
        tables = table_folder(lineage.lake, source.source_id, name)
        for path in [*tables.glob("*.parquet"), *tables.glob(".*.part")]:
            if path.stem not in complete and path.stem != "_schema":
                path.unlink()
        ensure_empty(lineage.lake, source.source_id, name, table.lake_schema)


def land(delivery: Delivery, lineage: Lineage, region: Region, is_synthetic: bool) -> Sidecar | None:
    """Land one delivery; the same bytes read by the same contract are already there and give None.

    Order: check everything in memory, store the bytes, write the tables, then the sidecar that makes it count.

    Raises:
        DeliveryError: nothing of the delivery was stored.
    """
    source = delivery.source
    snapshot_id = delivery.snapshot_id
    reading = read_with(reading_sha256(source, region), delivery, region)
    known = sidecar_path(lineage, source.source_id, snapshot_id)
    before = Sidecar(**json.loads(known.read_text(encoding="utf-8"))) if known.exists() else None
    if before is not None and before.reading_sha256 == reading:
        return None
    look(delivery)
    context = Reading(delivery, region)
    with _place(lineage, delivery) as place:
        tables = _read(context, place)
        step("dock", "checked", f"{delivery.name}: {sum(t.height for t in tables.values()):,} rows checked")
        sidecar = _sidecar(delivery, next(iter(tables.values())).height, is_synthetic, before, reading)
        _store_bytes(delivery, known.parent, lineage)
        step("dock", "stored", f"{delivery.name}: bytes stored")
        _put(tables, lineage, source, snapshot_id)
    if context.contacts:
        Vault(lineage).store_contacts(snapshot_id, context.contacts)
    step("dock", "written", f"{delivery.name}: tables written")
    write_text_atomically(known, json.dumps(asdict(sidecar), ensure_ascii=False, indent=2) + "\n")
    step("dock", "landed", f"{delivery.name}: {sidecar.row_count:,} rows", snapshot_id=snapshot_id)
    return sidecar


def _sidecar(delivery: Delivery, rows: int, is_synthetic: bool, before: Sidecar | None, reading: str) -> Sidecar:
    source, now, note = delivery.source, datetime.now(UTC), delivery.note
    return Sidecar(
        snapshot_id=delivery.snapshot_id,
        source_id=source.source_id,
        dataset_code=delivery.dataset_name,
        partition_key=delivery.partition_key,
        vintage_id=before.vintage_id if before else delivery.vintage or now.isoformat(timespec="microseconds"),
        file_name=delivery.name,
        origin=delivery.origin,
        url=note.url if note else source.url,
        retrieved_at=before.retrieved_at
        if before
        else note.retrieved_at
        if note
        else now.isoformat(timespec="seconds"),
        http_status=note.http_status if note else None,
        etag=note.etag if note else None,
        last_modified=note.last_modified if note else None,
        sha256=delivery.sha256,
        byte_count=delivery.byte_count,
        row_count=rows,
        licence=source.licence,
        attribution=source.attribution,
        is_synthetic=is_synthetic and source.kind_code != "reference",
        reading_sha256=reading,
    )


@contextmanager
def _place(lineage: Lineage, delivery: Delivery) -> Iterator[Place]:
    """Where a bulk reader works; what it leaves there is removed."""
    source, snapshot_id = delivery.source, delivery.snapshot_id
    folders = {name: table_folder(lineage.lake, source.source_id, name) for name in delivery.dataset.tables}
    parts = {name: folder / f".{snapshot_id}.parquet.part" for name, folder in folders.items()}
    scratch = scratch_folder(lineage, source.source_id)
    place = Place(snapshot_id, parts, rejects_path(lineage, snapshot_id), scratch)
    try:
        yield place
    finally:
        _tidy(place)


def _tidy(place: Place) -> None:
    remove_tree(place.scratch)
    for part in place.parts.values():
        part.unlink(missing_ok=True)


def _read(context: Reading, place: Place) -> Mapping[str, pl.DataFrame | Part]:
    """The delivery's tables, checked: in memory, or already written under a temporary name."""
    delivery = context.delivery
    bulk = find_bulk_reader(delivery.dataset.reader, delivery.source.source_id)
    if bulk is None:
        return _checked(find_reader(delivery.dataset.reader, delivery.source.source_id)(context), delivery)
    if delivery.source.is_confidential:
        raise ValueError("a confidential delivery is never written in plain, so it cannot take the bulk road")
    tables = bulk(context, place)
    for part in tables.values():
        _refuse_few(delivery, part.height)
    return tables


def _put(tables: Mapping[str, pl.DataFrame | Part], lineage: Lineage, source: Source, snapshot_id: str) -> None:
    for name, table in tables.items():
        target = table_folder(lineage.lake, source.source_id, name) / f"{snapshot_id}.parquet"
        if isinstance(table, Part):
            os.replace(table.path, target)
        else:
            write_parquet(table, target)


def _refuse_few(delivery: Delivery, rows: int) -> None:
    if rows < delivery.dataset.min_rows:
        raise delivery.refuse(
            f"the file holds {rows} rows of data", f"at least {delivery.dataset.min_rows}", rule_id="LND-002"
        )


def _checked(tables: Tables, delivery: Delivery) -> Tables:
    checked: Tables = {}
    for name, frame in tables.items():
        table = delivery.source.tables[name]
        frame = correct(delivery, frame, delivery.dataset.corrections) if delivery.dataset.corrections else frame
        _refuse_few(delivery, frame.height)
        check(delivery, frame, table)
        frame = frame.with_columns(pl.lit(delivery.snapshot_id).alias("snapshot_id"))
        checked[name] = frame.select([pl.col(c).cast(t) for c, t in table.lake_schema.items()])
    return checked


def _store_bytes(delivery: Delivery, folder: Path, lineage: Lineage) -> None:
    """Keep the bytes: confidential ones encrypted in the vault, all others as they are.

    Raises:
        DeliveryError: they are not the bytes that were hashed and read before.
    """
    if delivery.source.is_confidential:
        content = delivery.content()
        _refuse_other_bytes(delivery, hashlib.sha256(content).hexdigest())
        Vault(lineage).store_delivery(delivery.snapshot_id, content)
        return
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / delivery.name
    shutil.copyfile(delivery.path, copy)
    try:
        _refuse_other_bytes(delivery, file_sha256(copy))
    except DeliveryError:
        remove_tree(folder)
        raise
    with copy.open("rb") as handle:
        os.fsync(handle.fileno())
    sync_folder(folder)


def _refuse_other_bytes(delivery: Delivery, sha256: str) -> None:
    if sha256 != delivery.sha256:
        raise delivery.refuse(
            "the file changed while it was read", "a file that is complete before it gets its name",
            "write it elsewhere and move it into place; then call again", rule_id="LND-001",
        )  # fmt: skip
