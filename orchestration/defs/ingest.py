"""The dock in Dagster: one asset per source, and the works' own tables that models read beside them."""

from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from ingest.contract import Source
from ingest.delivery import unclaimed
from ingest.dock import receive, write_meta
from ingest.erasing import refuse_unfinished
from ingest.errors import FetchError
from ingest.expiring import due, let_go
from ingest.history import age, repetition, volume
from ingest.registry import sources
from orchestration.defs.fetch import backfills, fetch_live
from orchestration.metadata import OWNERS, outcome_metadata, receipt_metadata, source_metadata
from orchestration.resources import Works
from warehouse.lake import read_system_table
from warehouse.privacy.disclosure_memory import hand_to_build
from warehouse.privacy.identity import identify
from warehouse.region_tables import write_region_tables
from warehouse.release import Manifest, current_release
from warehouse.results import Result, write_status_table

GROUP = "dock"
INBOX = dg.AssetKey(["dock", "inbox"])


@dg.asset(key=INBOX, group_name=GROUP, owners=[OWNERS["works"]], kinds={"file"})
def inbox(works: Works) -> dg.MaterializeResult:
    """Where deliveries lie. In profile sample the invented region is written here once; a file of yours stays."""
    with works.room("inbox") as run:
        refuse_unfinished(works.lineage)
        if works.settings.is_synthetic:
            from ingest.sample.generate import ensure

            ensure(works.lineage.inbox, works.region)
        strangers = [str(p.relative_to(works.lineage.inbox)) for p in unclaimed(works.lineage)]
        message = f"no source takes {', '.join(strangers[:5])}: check folder and name" if strangers else ""
        outcome = "fail" if strangers else "pass"
        run.add([Result("LND-001", "inbox", "warn", outcome, failed_row_count=len(strangers), message=message)])
        files = sum(p.is_file() for p in works.lineage.inbox.rglob("*"))
        return dg.MaterializeResult(metadata={"files": files, "unclaimed": strangers})


def source_asset(source: Source) -> dg.AssetsDefinition:
    """The asset of one source: receive everything it has delivered."""

    @dg.asset(
        key=["dock", source.source_id],
        deps=[INBOX, *backfills(source)],
        group_name=GROUP,
        owners=[OWNERS[source.owner]],
        description=f"{source.title}\n\n{source.publisher}. {source.licence}.",
        metadata=source_metadata(source),
        kinds={"parquet"},
        op_tags={"kettenwerk/source": source.source_id},
    )
    def receive_source(context: dg.AssetExecutionContext, works: Works) -> dg.MaterializeResult:
        with works.room(source.source_id) as run:
            if works.settings.profile == "live" and source.fetch:
                run.add(_ask(context, source, works))
            receipt = receive(source, works.lineage, works.region, works.settings)
            run.add([Result("LND-001", source.source_id, "block", "pass", observed_value=float(receipt.row_count))])
            run.add(volume(source, works.lineage, receipt.new, works.region.gates(works.lineage.profile)))
            if works.settings.profile == "live":
                run.add(age(source, works.lineage, datetime.now(UTC).date()))
            return dg.MaterializeResult(metadata=receipt_metadata(receipt.new, receipt.present, receipt.row_count))

    return receive_source


def _ask(context: dg.AssetExecutionContext, source: Source, works: Works) -> list[Result]:
    """Bring what is new, and show what the source said as an observation.

    A source that does not answer today must not keep the others from being refreshed: what it gave before stays in
    force and the run warns. Anything it answered wrongly stops the run.
    """
    try:
        outcome = fetch_live(source, works)
    except FetchError as error:
        if not error.is_passing:
            raise
        return [Result("LND-004", source.source_id, "warn", "fail", message=error.message)]
    context.log_event(dg.AssetObservation(context.asset_key, metadata=outcome_metadata(outcome)))
    return repetition(outcome)


@dg.asset(
    key=["dock", "meta"],
    deps=[["dock", source_id] for source_id in sources()],
    group_name=GROUP,
    owners=[OWNERS["works"]],
    kinds={"parquet"},
)
def meta(works: Works) -> dg.MaterializeResult:
    """Every snapshot and source, and the one row that describes this run."""
    with works.room("meta") as run:
        snapshots = write_meta(works.lineage, works.settings)
        run.write_lake_facts(works.region, works.settings)
        return dg.MaterializeResult(metadata={"dagster/row_count": snapshots.height})


@dg.asset(key=["dock", "region"], group_name=GROUP, owners=[OWNERS["works"]], kinds={"yaml"})
def region(works: Works) -> dg.MaterializeResult:
    """The region folder: units, groups, postcodes, courts, scores and limits as tables."""
    with works.room("region"):
        write_region_tables(works.lineage, works.region)
        return dg.MaterializeResult(metadata={"region": works.region.region_code, "kreise": len(works.region.kreise)})


@dg.asset(
    key=["dock", "identity"],
    deps=[
        ["dock", s]
        for s in (
            "meta",
            "limesurvey",
            "kobo",
            "consent",
            "offeneregister",
            "register_list",
            "gleif",
            "geonames_company",
        )
    ],
    group_name=GROUP,
    owners=[OWNERS["survey"]],
    kinds={"sqlite"},
)
def identity(works: Works) -> dg.MaterializeResult:
    """Which records are one company, and which consent is in force. Names stay in the vault."""
    with works.room("identity") as run:
        let_go(works.lineage, due(works.settings, works.region, datetime.now(UTC).date()))
        snapshots = read_system_table(works.lineage.lake, "meta", "snapshot")
        counts = identify(works.lineage, works.region, snapshots, works.settings.is_synthetic)
        conflicts = counts.conflicts
        message = f"{conflicts} records have keys of two companies; nothing was merged" if conflicts else ""
        run.add(
            [
                Result(
                    "IDN-004",
                    "identity",
                    "warn",
                    "fail" if conflicts else "pass",
                    observed_value=float(conflicts),
                    message=message,
                )
            ]
        )
        return dg.MaterializeResult(metadata=asdict(counts))


@dg.asset(key=["dock", "dq"], group_name=GROUP, owners=[OWNERS["works"]], kinds={"parquet"})
def dq(works: Works) -> dg.MaterializeResult:
    """Results of the quality rules of earlier runs."""
    with works.room("dq"):
        served = current_release(works.lineage)
        write_status_table(works.lineage, Manifest.read(served).run_id if served else None)
        return dg.MaterializeResult()


@dg.asset(key=["dock", "disclosure"], group_name=GROUP, owners=[OWNERS["survey"]], kinds={"parquet"})
def disclosure(works: Works) -> dg.MaterializeResult:
    """What releases that readers may have kept said of the survey, and from whom, so that the next one tells of nobody."""
    with works.room("disclosure"):
        return dg.MaterializeResult(metadata={"publications": hand_to_build(works.lineage)})


ASSETS = [inbox, *(source_asset(source) for source in sources().values()), meta, region, identity, dq, disclosure]
