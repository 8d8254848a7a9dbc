"""One refresh from the command line: the same Dagster job the UI starts, in this process, with its run in the UI.

Belongs here: starting the job and reading its evidence. Does not belong here: any step of it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from orchestration.manifest import ensure_manifest
from warehouse.build import OFFLINE
from warehouse.paths import Lineage, write_text_atomically
from warehouse.settings import Settings
from warehouse.steps import Listener, listening, step

DAGSTER_YAML = """\
# Written by kettenwerk. Nothing leaves the machine; one run at a time, one writer at a time.
telemetry: {enabled: false}
nux: {enabled: false}
event_log_storage:
  module: orchestration.event_log
  class: EventLog
  config: {home: {env: DAGSTER_HOME}}
concurrency:
  runs: {max_concurrent_runs: 1}
  pools: {default_limit: 1}
run_monitoring: {enabled: true, free_slots_after_run_end_seconds: 5}
"""
ENVIRONMENT = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    # Hundreds of checks are written to the event log in batches, not one transaction each.
    "DAGSTER_EVENT_BATCH_SIZE": "200",
    **OFFLINE,
}


def prepare_dagster(lineage: Lineage, profile: str) -> None:
    """Dagster's home beside the lineages, everything offline, and this profile for every process it starts."""
    os.environ.update(ENVIRONMENT)
    os.environ["DAGSTER_HOME"] = str(lineage.dagster_home)
    os.environ["KETTENWERK_HOME"] = str(lineage.home)
    os.environ["KETTENWERK_PROFILE"] = profile
    config = lineage.dagster_home / "dagster.yaml"
    if not config.exists():
        write_text_atomically(config, DAGSTER_YAML)


def refresh(settings: Settings, listener: Listener, if_changed: bool | None = None) -> dict[str, Any]:
    """Run the job ``refresh`` and return its evidence.

    ``outcome`` is 'published' only when this run's release is served, 'unchanged' when there was nothing to build
    (asked for by ``if_changed``, the default of profile live).
    """
    lineage = Lineage.of(settings)
    lineage.prepare()
    prepare_dagster(lineage, settings.profile)
    with listening(listener):
        ensure_manifest()
        step("works", "start", "starting Dagster")
        return _run_job(lineage, if_changed)


def _run_job(lineage: Lineage, if_changed: bool | None) -> dict[str, Any]:
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    import dagster as dg

    from orchestration.abandoned import PROCESS_TAG, close_abandoned_runs, this_process
    from orchestration.definitions import defs

    with dg.DagsterInstance.get() as instance:
        close_abandoned_runs(instance)
        job = defs.resolve_job_def("refresh")
        # dbt's and Dagster's own words go to a log; the user reads ours.
        with (
            (lineage.runs / "refresh.log").open("w", encoding="utf-8") as log,
            redirect_stdout(log),
            redirect_stderr(log),
        ):
            result = job.execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"resources": {"works": {"config": {"if_changed": if_changed}}}},
                tags={"kettenwerk/profile": lineage.profile, PROCESS_TAG: this_process()},
            )
            for event in result.filter_events(lambda e: e.is_failure):
                log.write(str(getattr(event.event_specific_data, "error", None) or event.message) + "\n")
        path = lineage.runs / f"{result.run_id}.json"
        evidence: dict[str, Any] = {
            "run_id": result.run_id,
            "outcome": "failed",
            "release_id": None,
            "results": [],
            "error": None,
        }
        if path.exists():
            evidence = json.loads(path.read_text(encoding="utf-8"))
        if evidence["outcome"] not in ("published", "unchanged") and not evidence["error"]:
            evidence["error"] = _first_error(result)
        return evidence


def _first_error(result: Any) -> str:
    """The message of whatever stopped the run before a step could record it."""
    for event in result.all_events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        if error is not None:
            cause = error
            while cause.cause is not None:
                cause = cause.cause
            return _unqualified(" ".join(cause.message.split()))
    return "the run ended before its first step"


def _unqualified(text: str) -> str:
    """A message of ours without the name of its class; other errors keep theirs."""
    return re.sub(r"^(?:warehouse|ingest)\.[\w.]*Error: ", "", text)
