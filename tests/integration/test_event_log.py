"""The event log with connections that stay open: Dagster's own class reads the same files, and nothing is kept open for good."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.event_log import OPEN_AT_ONCE, EventLog
from orchestration.refresh import DAGSTER_YAML


@dg.asset
def spring() -> None:
    """Nothing but its event."""


JOB = dg.Definitions([spring], jobs=[dg.define_asset_job("one")]).resolve_job_def("one")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML, encoding="utf-8")
    return tmp_path


def files(home: Path) -> list[str]:
    return sorted(p.suffix for p in (home / "history" / "runs").iterdir() if "-" not in p.suffix)


def test_dagster_reads_what_was_written(home: Path) -> None:
    """By its own class, from its own folder, after the log was closed and nothing is left beside the databases."""
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        run = JOB.execute_in_process(instance=instance)
    beside = [p.name for p in (home / "history" / "runs").iterdir() if p.suffix != ".db"]
    assert beside == []
    plain = SqliteEventLogStorage(str(home / "history" / "runs"))
    kinds = [record.event_log_entry.dagster_event_type for record in plain.get_records_for_run(run.run_id).records]
    assert kinds.count(dg.DagsterEventType.ASSET_MATERIALIZATION) == 1
    assert kinds[-1] == dg.DagsterEventType.RUN_SUCCESS
    plain.dispose()


def test_few_databases_are_open_at_once(home: Path) -> None:
    """However many runs a page of the web server looks at; and one that was removed is made anew."""
    log = EventLog(str(home))
    for number in range(3 * OPEN_AT_ONCE):
        with log.run_connection(f"run-{number}"):
            pass
    held = {os.readlink(p) for p in Path("/proc/self/fd").iterdir() if p.is_symlink() and p.exists()}
    assert len({p for p in held if p.startswith(str(home)) and p.endswith(".db")}) <= OPEN_AT_ONCE
    Path(log.path_for_shard("run-23")).unlink()
    assert log.get_records_for_run("run-23").records == []
    log.dispose()
