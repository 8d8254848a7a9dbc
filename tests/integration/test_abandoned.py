"""A run killed while it holds the writer's pool: it is closed, and the next run is not kept waiting for its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.refresh import DAGSTER_YAML
from tests.integration.conftest import ROOT

# A job of two steps in the pool; the environment says which of them dies. It prints what was closed and how it ended.
SCRIPT = """
import os, signal
import dagster as dg
from orchestration.abandoned import PROCESS_TAG, close_abandoned_runs, this_process
from orchestration.resources import WRITER_POOL

def step(name, deps=()):
    @dg.asset(name=name, pool=WRITER_POOL, deps=list(deps))
    def made():
        if os.environ.get("DIES") == name:
            os.kill(os.getpid(), signal.SIGKILL)
    return made

first = step("first")
second = step("second", [first])
job = dg.Definitions([first, second], jobs=[dg.define_asset_job("both")]).resolve_job_def("both")
with dg.DagsterInstance.get() as instance:
    closed = close_abandoned_runs(instance)
    done = job.execute_in_process(instance=instance, tags={PROCESS_TAG: this_process()})
    print(len(closed), done.success, len(instance.get_runs()))
"""


def run(home: Path, dies: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=90, cwd=ROOT,
        env={**os.environ, "DAGSTER_HOME": str(home), "DIES": dies, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip


@pytest.mark.parametrize("step", ["first", "second"])
def test_the_place_of_a_killed_run_is_given_back(tmp_path: Path, step: str) -> None:
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML)
    assert run(tmp_path, dies=step).returncode == -signal.SIGKILL
    after = run(tmp_path)
    assert after.stdout.split() == ["1", "True", "2"], after.stderr[-2000:]
    assert run(tmp_path).stdout.split() == ["0", "True", "3"]
