"""The dock: receive everything a source has delivered, and say what came.

Belongs here: the order of receiving one source. Does not belong here: reading, checking or storing themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ingest.contract import Source
from ingest.delivery import deliveries
from ingest.errors import DeliveryError
from ingest.fetching.notes import doubt
from ingest.registry import sources
from ingest.removal import clean_deliveries
from ingest.snapshot import Sidecar, land, landed, sweep
from ingest.vintages import note_returned
from warehouse.lake import write_system_table
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.settings import Settings
from warehouse.steps import step


@dataclass(frozen=True)
class Receipt:
    """What one source brought: ``new`` snapshots, and the ids of all that lie there now (``present``)."""

    source_id: str
    new: list[Sidecar]
    present: list[str]
    row_count: int


def receive(source: Source, lineage: Lineage, region: Region, settings: Settings) -> Receipt:
    """Land every delivery of a source. The first that must be refused stops the source; nothing of it is stored.

    A fetched file that is refused is brought once more by the next fetch: it may have been the way, not the source.
    """
    sweep(lineage, source)
    if source.kind_code == "survey":
        clean_deliveries(source, lineage, settings)
    new, present = [], []
    for delivery in deliveries(source, lineage, settings):
        try:
            sidecar = land(delivery, lineage, region, settings.is_synthetic)
        except DeliveryError:
            if delivery.origin == "fetched":
                doubt(lineage, source.source_id, delivery.name, delivery.sha256)
            raise
        if sidecar is not None:
            new.append(sidecar)
        present.append(delivery.snapshot_id)
    rows = sum(s.row_count for s in landed(lineage, source.source_id))
    step("dock", "source", f"{source.source_id}: {len(new)} new, {len(present)} present, {rows:,} rows in the lake")
    return Receipt(source.source_id, new, present, rows)


def write_meta(lineage: Lineage, settings: Settings) -> pl.DataFrame:
    """List every snapshot and source for the warehouse; returns the snapshot table.

    In force is, per slice, the delivery that lies in the inbox or folder now, else the newest that ever landed: a
    file that is put back counts again although its bytes are not new.
    """
    present = {d.snapshot_id for source in sources().values() for d in deliveries(source, lineage, settings)}
    rows = [
        {
            "snapshot_id": s.snapshot_id, "source_id": s.source_id, "dataset_code": s.dataset_code,
            "partition_key": s.partition_key, "vintage_id": s.vintage_id, "retrieved_at": s.retrieved_at,
            "sha256": s.sha256, "byte_count": s.byte_count, "row_count": s.row_count, "is_synthetic": s.is_synthetic,
            "is_present": s.snapshot_id in present,
        }
        for source_id in sources()
        for s in landed(lineage, source_id)
    ]  # fmt: skip
    schema = {
        **dict.fromkeys(("snapshot_id", "source_id", "dataset_code", "partition_key", "vintage_id"), pl.String()),
        "retrieved_at": pl.String(), "sha256": pl.String(), "byte_count": pl.Int64(), "row_count": pl.Int64(),
        "is_synthetic": pl.Boolean(), "is_present": pl.Boolean(),
    }  # fmt: skip
    slices = ["source_id", "dataset_code", "partition_key"]
    snapshots = (
        pl.DataFrame(rows, schema=schema, orient="row")
        .with_columns(
            pl.col("retrieved_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us").dt.replace_time_zone(None)
        )
        .sort([*slices, "is_present", "vintage_id", "snapshot_id"])
        .with_columns((pl.int_range(pl.len()).over(slices) == pl.len().over(slices) - 1).alias("is_latest_vintage"))
    )
    in_force = set(snapshots.filter("is_latest_vintage")["snapshot_id"])
    for source_id, source in sources().items():
        note_returned(lineage, source, {s for s in in_force if s.startswith(f"{source_id}-")})
    write_system_table(lineage.lake, "meta", "snapshot", snapshots)
    times = snapshots.group_by("source_id").agg(
        pl.col("retrieved_at").min().alias("first_retrieved_at"),
        pl.col("retrieved_at").max().alias("last_retrieved_at"),
    )
    facts = pl.DataFrame(
        [
            {"source_id": s.source_id, "publisher": s.publisher, "title": s.title, "licence": s.licence_in_full,
             "attribution": s.attribution, "restriction_code": s.restriction_code,
             "restrictions": s.restrictions_json, "url": s.url}
            for s in sources().values()
        ]
    )  # fmt: skip
    write_system_table(lineage.lake, "meta", "source", facts.join(times, on="source_id", how="inner"))
    return snapshots
