"""A fetch killed in the middle of each kind of download: the same call again gives what an undisturbed one gives."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT
from tests.replay.server import ReplayServer
from tests.replay.town import Town, town
from warehouse.paths import Lineage
from warehouse.privacy import sealed
from warehouse.region import Region
from warehouse.release import file_sha256

KETTENWERK = Path(sys.executable).parent / "kettenwerk"
LIMIT_SECONDS = 60
# VIES's answers are kept with the second in which they were asked for.
MOMENT_ASKED = re.compile(rb'"asked_at": ?"[^"]*"')


@dataclass(frozen=True)
class Kind:
    """One way a source's bytes come: what to ask for, and the request in whose answer the kill falls.

    ``looks`` are requests of the same address that come before, for headers only.
    """

    source_id: str
    words: tuple[str, ...]
    on: str
    can_resume: bool = False
    service_can_resume: bool = True
    looks: int = 0


KINDS = {
    "an archive that can be continued": Kind("comext", ("--partition", "202401"), "file=", can_resume=True),
    "an archive that cannot": Kind("comext", ("--partition", "202401"), "file=", service_can_resume=False),
    "an archive that is taken apart": Kind("baci", ("--endpoint", "release"), "BACI_HS17", can_resume=True, looks=1),
    "a golden copy": Kind("gleif", ("--endpoint", "golden_copy"), "storage/", can_resume=True, looks=1),
    "parts within a quota": Kind("comtrade", ("--endpoint", "api"), "data/v1/get"),
    "a listing": Kind("comext", (), "dir="),
    "a series with a conditional request": Kind("ecb", (), "EXR"),
    "a dataset of an API": Kind("eurostat", (), "nrg_pc_205"),
    "a table that is posted for": Kind("genesis", (), "tablefile"),
    "pages": Kind("gleif", (), "lei-records"),
    "pages of a survey": Kind("kobo", ("--endpoint", "api"), "/data/", looks=1),
    "answers one by one": Kind("vies", (), "check-vat-number", looks=3),
    "an export in a session": Kind("limesurvey", (), "remotecontrol"),
}


@pytest.fixture
def services(region: Region, tmp_path: Path) -> Iterator[Town]:
    with town(region, tmp_path / "region") as made:
        yield made


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_killed_fetch_is_taken_up_again(services: Town, kind: Kind, tmp_path: Path) -> None:
    """Killed in the middle: the next call gives the same bytes, and nothing half lies about."""
    services.comext.can_resume = kind.service_can_resume
    server = services.servers[kind.source_id]
    server.fail("slow", on=kind.on, wait_seconds=0.2, after_requests=kind.looks)
    disturbed = _lineage(tmp_path / "disturbed")
    process = subprocess.Popen(_command(kind), env=_environment(services, disturbed), cwd=ROOT)
    try:
        _wait_for(server, kind)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait(10)
    assert not _files(disturbed, kind), "nothing half-brought lies where the next refresh reads"
    server.seen.clear()
    _call(services, disturbed, kind)
    if kind.can_resume:
        assert server.asked(kind.on)[-1].headers.get("range"), "only what was missing is asked for"
    assert not list((disturbed.fetched / kind.source_id / ".partial").rglob("*.*")), "nothing is left on its way"
    undisturbed = _lineage(tmp_path / "undisturbed")
    _call(services, undisturbed, kind)
    assert _files(disturbed, kind) == _files(undisturbed, kind) != {}


def _lineage(home: Path) -> Lineage:
    """A home with what is dropped by hand: the VAT numbers that VIES is to be asked about."""
    lineage = Lineage(home, "live")
    numbers = lineage.inbox / "vies" / "numbers.csv"
    numbers.parent.mkdir(parents=True)
    numbers.write_text("vat_number\n" + "".join(f"DE9999999{n:02d}\n" for n in range(12)), encoding="utf-8")
    return lineage


def _command(kind: Kind) -> list[str]:
    return [str(KETTENWERK), "fetch", kind.source_id, "--profile", "live", *kind.words]


def _environment(services: Town, lineage: Lineage) -> dict[str, str]:
    return {**os.environ, **services.environment, "KETTENWERK_HOME": str(lineage.home)}


def _call(services: Town, lineage: Lineage, kind: Kind) -> None:
    done = subprocess.run(
        _command(kind), env=_environment(services, lineage), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _files(lineage: Lineage, kind: Kind) -> dict[str, str]:
    """Hash of every file that the next refresh would read; of a ZIP its contents, because its names hold the second."""
    files = [p for p in sorted((lineage.fetched / kind.source_id).glob("*")) if p.is_file()]
    return {path.name: _members(path) if path.suffix == ".zip" else _hash(lineage, path) for path in files}


def _hash(lineage: Lineage, path: Path) -> str:
    if path.suffix == sealed.SUFFIX:
        content = MOMENT_ASKED.sub(b"", sealed.read(lineage, path))
        return hashlib.sha256(content).hexdigest()
    return file_sha256(path)


def _members(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(b"".join(archive.read(name) for name in archive.namelist())).hexdigest()


def _wait_for(server: ReplayServer, kind: Kind) -> None:
    """Until the answer in which the kill is to fall has begun."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while len(server.asked(kind.on)) <= kind.looks and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.5)
