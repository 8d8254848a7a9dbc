"""The process that builds for a run: noted when it starts, ended when the run was killed and could not end it.

Belongs here: finding and ending that one process. Does not belong here: what it builds.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import psutil

from warehouse.paths import write_text_atomically
from warehouse.process import find, identity, works

NOTE = "builder.json"
GRACE_SECONDS = 5


def note_builder(folder: Path, process_id: int) -> None:
    """Remember a process, so that it can be told from a later one of the same id."""
    write_text_atomically(folder / NOTE, json.dumps({"process": identity(process_id)}))


def end_builder(folder: Path) -> bool:
    """End the builder noted in ``folder``, if it still works; True when there was one to end.

    A process of the same id that started at another moment is somebody else's and is left alone.
    """
    try:
        builder = find(json.loads((folder / NOTE).read_text(encoding="utf-8"))["process"])
        if builder is None:
            return False
        family = [*builder.children(recursive=True), builder]
    except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
        return False
    working = [process for process in family if works(process)]
    for order in ("terminate", "kill"):
        for process in working:
            with suppress(psutil.NoSuchProcess):
                getattr(process, order)()
        if _all_ended(working):
            break
    return bool(working)


def _all_ended(processes: list[psutil.Process]) -> bool:
    """Wait a bounded time for the processes to end."""
    deadline = time.monotonic() + GRACE_SECONDS
    while any(works(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
