"""Which slices of a source Dagster may be asked for one by one, so that months, years, waves and vintages can be backfilled.

Belongs here: turning the contract's ``partitions`` into Dagster's. Does not belong here: which slices a source offers
today (its connector says so when it is asked).
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from ingest.contract import Endpoint
from warehouse.region import Region


def partitions_def(endpoint: Endpoint, region: Region) -> dg.PartitionsDefinition[str]:
    """The very keys ``kettenwerk fetch --partition`` takes, for an endpoint that declares ``partitions``."""
    partitions = endpoint.partitions
    assert partitions is not None
    if partitions.kind == "month":
        return _windows(str(partitions.start), "%Y-%m", "0 0 1 * *", "%Y%m")
    if partitions.kind == "year":
        return _windows(str(partitions.start), "%Y", "0 0 1 1 *", "%Y")
    if partitions.kind == "wave":
        waves = region.yaml("survey/waves.yml").get("waves") or []
        return dg.StaticPartitionsDefinition([str(wave["wave_id"]) for wave in waves])
    if partitions.kind == "vintage":
        return dg.StaticPartitionsDefinition([str(file["partition"]) for file in endpoint.options["files"]])
    return dg.StaticPartitionsDefinition(partitions.keys)


def _windows(start: str, written: str, schedule: str, key: str) -> dg.TimeWindowPartitionsDefinition:
    begin = datetime.strptime(start, written).replace(tzinfo=UTC)
    return dg.TimeWindowPartitionsDefinition(start=begin, cron_schedule=schedule, fmt=key)
