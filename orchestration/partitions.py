"""Which slices of a source Dagster may be asked for one by one, so that months and years can be backfilled.

Belongs here: turning the contract's ``partitions`` into Dagster's. Does not belong here: which slices a source offers
today (its connector says so when it is asked).
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from ingest.contract import Partitions


def partitions_def(partitions: Partitions) -> dg.PartitionsDefinition[str]:
    """Months as ``YYYYMM``, years as ``YYYY``, or the list itself: the very keys ``kettenwerk fetch`` takes."""
    if partitions.kind == "list":
        return dg.StaticPartitionsDefinition(partitions.keys)
    if partitions.kind == "month":
        return dg.TimeWindowPartitionsDefinition(
            start=datetime.strptime(str(partitions.start), "%Y-%m").replace(tzinfo=UTC),
            cron_schedule="0 0 1 * *",
            fmt="%Y%m",
        )
    return dg.TimeWindowPartitionsDefinition(
        start=datetime.strptime(str(partitions.start), "%Y").replace(tzinfo=UTC), cron_schedule="0 0 1 1 *", fmt="%Y"
    )
