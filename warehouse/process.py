"""Which process is meant: its id, and when it started by a clock that nobody sets.

A process id is given again, and a start time in seconds since 1970 moves whenever the machine's clock is set. Linux
counts starts in ticks since boot; the pair with the boot's own id is never given twice. Elsewhere psutil's time serves.

Belongs here: naming a process and finding it again. Does not belong here: what it does (``builder``, runs).
"""

from __future__ import annotations

from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_TIME = 19  # of the fields of /proc/<id>/stat that follow the name, which may hold spaces (proc(5))


def identity(process_id: int) -> str:
    """Name of a running process: ``<id>@<start>``.

    Raises:
        psutil.NoSuchProcess: there is none of that id.
    """
    process = psutil.Process(process_id)
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return f"{process_id}@{BOOT_ID.read_text().strip()}:{fields[START_TIME]}"
    except (OSError, IndexError):
        return f"{process_id}@{process.create_time()}"


def find(noted: str) -> psutil.Process | None:
    """The process of that :func:`identity`, if it still works; one that ended and waits for its parent does not."""
    process_id = noted.partition("@")[0]
    try:
        if not process_id.isdecimal() or identity(int(process_id)) != noted:
            return None
        process = psutil.Process(int(process_id))
        return process if works(process) else None
    except psutil.NoSuchProcess:
        return None


def works(process: psutil.Process) -> bool:
    """Whether the process can still do anything."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
