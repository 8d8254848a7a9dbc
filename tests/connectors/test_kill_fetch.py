"""A fetch killed in the middle of each kind of download: the same call again gives what an undisturbed one gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.registry import sources
from tests.connectors.conftest import Live
from tests.integration.conftest import ROOT
from tests.replay.comext import Comext, month
from tests.replay.server import Service
from warehouse.release import file_sha256

KETTENWERK = Path(sys.executable).parent / "kettenwerk"
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Kind:
    """One way a source's bytes come: the service, what to ask for, and the request in whose answer the kill falls."""

    source_id: str
    service: Callable[[], Service]
    words: tuple[str, ...]
    on: str
    can_resume: bool = False


def comext(can_resume: bool) -> Comext:
    made = Comext(can_resume=can_resume)
    made.publish("202401", month("202401"), "2024-03-15T11:00:00")
    return made


KINDS = {
    "an archive that can be continued": Kind("comext", lambda: comext(True), ("--partition", "202401"), "file=", True),
    "an archive that cannot": Kind("comext", lambda: comext(False), ("--partition", "202401"), "file="),
    "a listing": Kind("comext", lambda: comext(True), (), "dir="),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_killed_fetch_is_taken_up_again(live: Callable[..., Live], kind: Kind) -> None:
    """Killed in the middle: the next call gives the same bytes, and nothing half lies about."""
    service = kind.service()
    one = live(kind.source_id, service)
    one.server.fail("slow", on=kind.on, wait_seconds=0.2)
    process = subprocess.Popen(_command(one, kind), env=_environment(one), cwd=ROOT)
    try:
        _wait_for_bytes(one, kind)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait(10)
    assert not [f for f in one.files if "/" not in f], "nothing half-brought lies where the next refresh reads"
    _call(one, kind)
    if kind.can_resume:
        assert one.server.asked(kind.on)[-1].headers.get("range"), "only what was missing is asked for"
    disturbed = _hashes(one)
    assert disturbed
    assert not [f for f in one.files if f.startswith(".partial/")], "nothing is left on its way"
    undisturbed = live(kind.source_id, service)
    elsewhere = Live(kind.source_id, undisturbed.server, type(one.lineage)(one.lineage.home / "other", "live"), one.region, one.settings)  # fmt: skip
    _call(elsewhere, kind)
    assert _hashes(elsewhere) == disturbed


def _command(live: Live, kind: Kind) -> list[str]:
    return [str(KETTENWERK), "fetch", kind.source_id, "--profile", "live", *kind.words]


def _environment(live: Live) -> dict[str, str]:
    urls = {
        f"KETTENWERK_URL_{live.source_id}_{name}".upper(): live.server.url for name in sources()[live.source_id].fetch
    }
    return {**os.environ, **urls, "KETTENWERK_HOME": str(live.lineage.home), "KETTENWERK_PROFILE": "live"}


def _call(live: Live, kind: Kind) -> None:
    done = subprocess.run(
        _command(live, kind), env=_environment(live), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _hashes(live: Live) -> dict[str, str]:
    folder = live.lineage.fetched / live.source_id
    return {p.name: file_sha256(p) for p in sorted(folder.glob("*")) if p.is_file()}


def _wait_for_bytes(live: Live, kind: Kind) -> None:
    """Until the answer in which the kill is to fall has begun."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not live.server.asked(kind.on) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
