"""Dagster shows the gate; it is not the gate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.conftest import ROOT, Works
from tests.integration.test_gate import TESTED, sealed

MATERIALISE = """
import logging, os, sys
logging.disable(logging.CRITICAL)
from warehouse.paths import Lineage
from warehouse import settings
from orchestration.refresh import prepare_dagster
chosen = settings.load("sample")
prepare_dagster(Lineage.of(chosen), "sample")
import dagster as dg
from orchestration.definitions import build
defs = build("sample")
graph = defs.resolve_asset_graph()
job = defs.resolve_implicit_global_asset_job_def()
with dg.DagsterInstance.get() as instance:
    result = job.execute_in_process(instance=instance, raise_on_error=False, asset_selection=[dg.AssetKey(sys.argv[1].split("/"))])
failures = [str(e.event_specific_data.user_failure_data.description) for e in result.all_events if e.is_step_failure]
print("SUCCESS" if result.success else "REFUSED " + " | ".join(failures))
"""


def materialise(works: Works, asset: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", MATERIALISE, asset],
        capture_output=True,
        text=True,
        env=works.environment,
        cwd=ROOT,
        timeout=180,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("SUCCESS", "REFUSED"))]
    assert lines, done.stdout[-2000:] + done.stderr[-2000:]
    return lines[-1]


def test_publishing_alone_refuses_an_unaudited_candidate(works: Works, build_file: Path) -> None:
    before = works.served_bytes()
    sealed(works, build_file)
    assert "never audited" in materialise(works, "gallery/release")
    assert works.served_bytes() == before


def test_publishing_alone_refuses_an_altered_candidate(works: Works, build_file: Path) -> None:
    from quality.audit import audit
    from warehouse.region import Region

    candidate = sealed(works, build_file)
    audit(works.lineage, candidate, Region.load("maerkische_region"), [TESTED])
    (candidate / "bi.duckdb").chmod(0o644)
    with (candidate / "bi.duckdb").open("ab") as handle:
        handle.write(b"x")
    before = works.served_bytes()
    assert "altered" in materialise(works, "gallery/release")
    assert works.served_bytes() == before


def test_publishing_alone_refuses_when_there_is_nothing(works: Works) -> None:
    assert "no candidate to publish" in materialise(works, "gallery/release")


def test_publishing_alone_refuses_an_older_candidate(works: Works, build_file: Path) -> None:
    candidate = sealed(works, build_file)
    candidate.rename(candidate.with_name("20000101T000000Z-0000"))
    assert "older than" in materialise(works, "gallery/release")


def test_sealing_alone_refuses_without_a_build(works: Works) -> None:
    assert "nothing to seal" in materialise(works, "seal/candidate")


def test_the_graph_reads_like_the_rooms() -> None:
    from orchestration.definitions import build

    graph = build().resolve_asset_graph()
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    assert groups == {
        "quay", "dock", "workshop_0_seeds", "workshop_1_staging", "workshop_2_intermediate", "workshop_3_marts", "seal", "court", "gallery",
    }  # fmt: skip
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
    assert len(graph.asset_check_keys) > 100
