"""Runs whose process was killed: Dagster still calls them started, and they still hold a place in a pool.

Every run notes which process works for it; a run whose process is gone is closed and gives its places back. Without
that, the next run would wait for ever for a place nobody uses.

Belongs here: that note and that closing. Does not belong here: what a killed run left on the disk
(``warehouse.publish.recover``).
"""

from __future__ import annotations

import os
from typing import Any

import dagster as dg

from warehouse.process import find, identity

PROCESS_TAG = "kettenwerk/process"
OPEN = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


def this_process() -> str:
    """Which process works for a run, as its tag says it."""
    return identity(os.getpid())


def close_abandoned_runs(instance: Any) -> list[str]:
    """Close runs whose process is gone and free the pools of every run that has ended; returns the closed runs' ids."""
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=OPEN)):
        noted = run.tags.get(PROCESS_TAG)
        if noted and find(noted) is None:
            instance.report_run_failed(run, "The process of this run was killed; what was served did not change.")
            closed.append(run.run_id)
    _free_places(instance)
    return closed


def _free_places(instance: Any) -> None:
    storage = instance.event_log_storage
    for pool in storage.get_concurrency_keys():
        info = storage.get_concurrency_info(pool)
        for run_id in {*info.active_run_ids, *info.pending_run_ids}:
            run = instance.get_run_by_id(run_id)
            if run is None or run.is_finished:
                storage.free_concurrency_slots_for_run(run_id)
