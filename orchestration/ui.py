"""The Dagster UI on loopback: web server and daemon as children of this process, ended with it.

Belongs here: starting and ending the two. Does not belong here: what they show (``definitions``).
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from orchestration.manifest import ensure_manifest
from orchestration.refresh import prepare_dagster
from orchestration.show import out
from warehouse.errors import KettenwerkError
from warehouse.paths import Lineage
from warehouse.settings import Settings

HOST = "127.0.0.1"
READY_SECONDS = 120


def serve(settings: Settings, port: int, with_daemon: bool = True) -> int:
    """Run until interrupted; returns the exit status of the first child that ended by itself, else 0."""
    lineage = Lineage.of(settings)
    lineage.prepare()
    prepare_dagster(lineage, settings.profile)
    ensure_manifest()
    _refuse_taken(port)
    _close_abandoned()
    tools = Path(sys.executable).parent
    commands = [[str(tools / "dagster-webserver"), "-h", HOST, "-p", str(port), "-m", "orchestration.definitions"]]
    if with_daemon:
        commands.append([str(tools / "dagster-daemon"), "run", "-m", "orchestration.definitions"])
    log = lineage.dagster_home / "ui.log"
    with log.open("ab") as sink:
        children = [
            subprocess.Popen(c, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True) for c in commands
        ]
        try:
            _wait_until_ready(children[0], port, log)
            out.print(
                f"Dagster shows profile {settings.profile} at http://{HOST}:{port} (Ctrl-C ends it; log: {log})",
                soft_wrap=True,
            )
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
            return next((child.returncode for child in children if child.returncode), 1)
        except KeyboardInterrupt:
            return 0
        finally:
            _end(children)


def _close_abandoned() -> None:
    import dagster as dg

    from orchestration.abandoned import close_abandoned_runs

    with dg.DagsterInstance.get() as instance:
        close_abandoned_runs(instance)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise KettenwerkError(
                f"port {port} is taken",
                where=HOST,
                todo="end the program that uses it, or call: kettenwerk ui --port 3001",
            )


def _wait_until_ready(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise KettenwerkError("the web server did not start", where=str(log), todo="read the log named here")


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the children and nothing else; each gets ten seconds before it is killed."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
