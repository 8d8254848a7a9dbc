"""Seal, court and gallery in Dagster: the candidate, its certificate, and the release that is served.

Dagster shows the gate; ``warehouse.publish`` is the gate.
"""

import dagster as dg

from orchestration.defs.transform import workshop
from orchestration.metadata import OWNERS, candidate_metadata
from orchestration.resources import WRITER_POOL, Works
from warehouse.errors import RefusedError
from warehouse.lake import read_system_table
from warehouse.publish import publish
from warehouse.release import Manifest, current_release
from warehouse.results import Result
from warehouse.retention import sweep_releases
from warehouse.run import code_version, input_fingerprint
from warehouse.seal import seal

CANDIDATE = dg.AssetKey(["seal", "candidate"])
CERTIFICATE = dg.AssetKey(["court", "certificate"])
SUITES = ("volume", "reconciliation", "content", "foresight", "disclosure")


@dg.asset(
    key=CANDIDATE,
    deps=[key for key in workshop.keys if key.path[0] == "marts"],
    group_name="seal",
    owners=[OWNERS["works"]],
    kinds={"duckdb", "parquet"},
    pool=WRITER_POOL,
)
def candidate(works: Works) -> dg.MaterializeResult:
    """The marts as one immutable file per audience, with Parquet, manifest and fingerprint. Nobody is served it yet."""
    with works.room("candidate") as run:
        if not run.build_file.exists():
            raise RefusedError(
                "this run has built nothing to seal",
                where="seal/candidate",
                todo="materialise the job 'refresh' as a whole",
            )
        folder = seal(
            works.lineage,
            run.build_file,
            release_id=run.fact("release_id"),
            run_id=run.run_id,
            region_code=works.region.region_code,
            code_version=code_version(),
            input_fingerprint=input_fingerprint(
                read_system_table(works.lineage.lake, "meta", "snapshot"), works.region
            ),
            is_synthetic=works.settings.is_synthetic,
        )
        return dg.MaterializeResult(metadata=candidate_metadata(Manifest.read(folder), folder))


@dg.asset(
    key=CERTIFICATE,
    deps=[CANDIDATE],
    group_name="court",
    owners=[OWNERS["works"]],
    kinds={"greatexpectations"},
    check_specs=[dg.AssetCheckSpec(name, asset=CERTIFICATE, blocking=True) for name in SUITES],
)
def certificate(works: Works) -> dg.MaterializeResult:
    """Great Expectations on the sealed candidate: volume, reconciliation, content, foresight, disclosure; then a signed verdict."""
    from quality.audit import audit

    with works.room("certificate") as run:
        folder = works.lineage.candidates / run.fact("release_id")
        if not folder.is_dir():
            raise RefusedError(
                "this run has sealed no candidate",
                where="court/certificate",
                todo="materialise the job 'refresh' as a whole",
            )
        verdict, found = audit(works.lineage, folder, works.region, run.results())
        checks = []
        for name, of_suite in found.items():
            run.add(of_suite)
            failed = [r for r in of_suite if r.outcome_code in ("fail", "error")]
            checks.append(
                dg.AssetCheckResult(
                    check_name=name,
                    passed=not failed,
                    severity=dg.AssetCheckSeverity.ERROR
                    if any(r.blocks for r in failed)
                    else dg.AssetCheckSeverity.WARN,
                    metadata={
                        "rules": len(of_suite),
                        "failed": dg.MetadataValue.md(
                            "\n".join(f"- **{r.rule_id}** {r.message}" for r in failed) or "none"
                        ),
                        "skipped": sum(r.outcome_code == "skipped" for r in of_suite),
                    },
                )
            )
        return dg.MaterializeResult(
            metadata={
                "outcome": verdict.outcome,
                "fingerprint": verdict.fingerprint,
                "rules": verdict.rule_count,
                "blocked_by": verdict.blocked_by,
                "warned_by": verdict.warned_by,
            },
            check_results=checks,
        )


@dg.asset(
    key=["gallery", "release"],
    deps=[CERTIFICATE],
    group_name="gallery",
    owners=[OWNERS["works"]],
    kinds={"duckdb"},
    pool=WRITER_POOL,
)
def release(works: Works) -> dg.MaterializeResult:
    """What is served: the gate proves certificate and bytes, then moves one pointer."""
    with works.room("release") as run:
        own = works.lineage.candidates / run.fact("release_id")
        folder = own if own.is_dir() else works.newest_candidate
        if folder is None:
            raise RefusedError(
                "there is no candidate to publish",
                where="gallery/release",
                todo="materialise the job 'refresh' as a whole",
            )
        served = current_release(works.lineage)
        if served is not None and folder.name < served.name:
            raise RefusedError(
                f"the newest candidate is older than {served.name}, which is served",
                where=folder.name,
                todo="materialise the job 'refresh', or publish the older one by hand",
            )
        manifest = publish(works.lineage, folder.name)
        run.add([Result("BIX-006", "release", "block", "pass")])
        removed = sweep_releases(works.lineage, works.settings.keep_releases)
        published = works.lineage.releases / manifest.release_id
        return dg.MaterializeResult(metadata={**candidate_metadata(manifest, published), "removed_releases": removed})


ASSETS = [candidate, certificate, release]
