"""The quay in Dagster: slices of a source that can be fetched one by one, for backfills of months, years, waves and vintages.

In profile live every refresh asks the sources for what is new by itself (``ingest``); these assets are for what lies
further back. They only bring files; the next refresh reads them.
"""

import dagster as dg

from ingest.contract import Source
from ingest.fetching.fetch import Outcome, fetch
from ingest.registry import adapted, sources
from orchestration.metadata import OWNERS, outcome_metadata
from orchestration.partitions import partitions_def
from orchestration.resources import Works
from warehouse.errors import KettenwerkError, SettingsError
from warehouse.region import Region
from warehouse.settings import load

GROUP = "quay"


def backfill_key(source: Source, endpoint: str) -> dg.AssetKey:
    """The asset that brings slices of an endpoint."""
    return dg.AssetKey(["quay", f"{source.source_id}_{endpoint}"])


def backfills(source: Source) -> list[dg.AssetKey]:
    """The assets that bring slices of a source."""
    return [backfill_key(source, name) for name, endpoint in source.fetch.items() if endpoint.partitions]


def backfill_asset(source: Source, endpoint: str, region: Region) -> dg.AssetsDefinition:
    """The asset of one endpoint whose slices can be named."""
    facts = source.fetch[endpoint]

    @dg.asset(
        key=backfill_key(source, endpoint),
        partitions_def=partitions_def(facts, region),
        group_name=GROUP,
        owners=[OWNERS[source.owner]],
        description=f"{source.title}: slices brought one by one (profile live).",
        metadata={"address": dg.MetadataValue.url(facts.base_url), "limits": str(facts.limits)},
        pool=f"source_{source.source_id}",
    )
    def bring(context: dg.AssetExecutionContext, works: Works) -> dg.MaterializeResult:
        try:
            outcome = fetch_live(source, works, endpoint=endpoint, wanted=[context.partition_key])
        except KettenwerkError as error:
            raise dg.Failure(description=error.message, allow_retries=False) from None
        return dg.MaterializeResult(metadata=outcome_metadata(outcome))

    return bring


def fetch_live(source: Source, works: Works, endpoint: str | None = None, wanted: list[str] | None = None) -> Outcome:
    """Fetch for the run's profile; only profile live fetches."""
    if works.settings.profile != "live":
        raise SettingsError(
            f"profile {works.settings.profile} does not fetch", where="the quay", expected="profile live",
            todo="start the UI with: kettenwerk ui --profile live",
        )  # fmt: skip
    return fetch(source, works.lineage, works.region, endpoint=endpoint, wanted=wanted)


def assets() -> list[dg.AssetsDefinition]:
    """One asset for every endpoint that can be asked for slices, as the region of the environment asks it."""
    region = Region.load(load().region)
    asked = [adapted(source, region) for source in sources().values()]
    return [
        backfill_asset(source, name, region) for source in asked for name, e in source.fetch.items() if e.partitions
    ]
