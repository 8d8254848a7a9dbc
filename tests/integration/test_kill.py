"""A refresh killed at any step boundary: the last good release answers, and the next refresh needs no help."""

from __future__ import annotations

import json
import signal

import duckdb
import pytest

from tests.integration.conftest import Works

# From fetch to flip, in the order they happen. A step with a number is the n-th time it is announced.
BOUNDARIES = [
    "dock.checked",
    "dock.stored:2",
    "dock.written:3",
    "vault.identified",
    "workshop.model:20",
    "seal.audience:2",
    "seal.sealed",
    "seal.stamped",
    "court.certified",
    "gallery.moved",
    "gallery.pointed",
]


@pytest.mark.long
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_kill_costs_nothing(works: Works, boundary: str) -> None:
    _touch_inputs(works)
    before = works.lineage.current.resolve().name
    done = works.drive("--kill-at", boundary)
    assert done.returncode == -signal.SIGKILL, (
        f"the run was not killed at {boundary}: {done.stdout}{done.stderr[-2000:]}"
    )
    _answers(works)
    if boundary != "gallery.pointed":
        assert works.lineage.current.resolve().name == before
    after_kill = works.lineage.current.resolve().name
    works.refresh()
    _answers(works)
    assert works.lineage.current.resolve().name > after_kill
    assert not list(works.lineage.candidates.glob("*.partial"))
    assert not list(works.lineage.build.glob("run-*"))
    served = json.loads(works.call("status", "--json", check=True).stdout)["served"]
    assert served["release_id"] == works.lineage.current.resolve().name


def _touch_inputs(works: Works) -> None:
    """Something new to land, so that the dock has steps to be killed at: the same rows in another order."""
    for name in (
        "limesurvey/results-survey-2026.csv",
        "consent/consent_events.csv",
        "baci/BACI_HS17_Y2024_V202601.csv",
    ):
        path = works.lineage.inbox / name
        rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([rows[0], *rows[2:], rows[1]]), encoding="utf-8")


def _answers(works: Works) -> None:
    folder = works.lineage.current.resolve()
    for audience in ("bi", "analyst", "advisory"):
        with duckdb.connect(str(folder / f"{audience}.duckdb"), read_only=True) as connection:
            [(release_id,)] = connection.execute("SELECT release_id FROM meta.release").fetchall()
            assert release_id == folder.name
    assert works.call("sql", "SELECT count(*) FROM marts.dim_region").returncode == 0
