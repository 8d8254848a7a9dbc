"""The builder a killed run leaves behind is ended; a stranger with its id is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from warehouse.builder import NOTE, end_builder, note_builder

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def deaf() -> Iterator[subprocess.Popen[str]]:
    """A process that does not listen to a request to end."""
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def test_a_builder_that_does_not_listen_is_ended(deaf: subprocess.Popen[str], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("warehouse.builder.GRACE_SECONDS", 0.3)
    note_builder(tmp_path, deaf.pid)
    assert end_builder(tmp_path)
    assert deaf.wait(10) != 0
    assert not end_builder(tmp_path)


def test_a_stranger_with_the_same_id_is_left_alone(deaf: subprocess.Popen[str], tmp_path: Path) -> None:
    note_builder(tmp_path, deaf.pid)
    noted = json.loads((tmp_path / NOTE).read_text())
    (tmp_path / NOTE).write_text(json.dumps({"process": noted["process"] + "1"}))
    assert not end_builder(tmp_path)
    assert deaf.poll() is None


def test_a_clock_that_is_set_makes_no_stranger(deaf: subprocess.Popen[str], tmp_path: Path, monkeypatch) -> None:
    """Times of the wall clock move when it is set; the builder is found all the same."""
    note_builder(tmp_path, deaf.pid)
    create_time = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: create_time(process) + 3600)
    assert end_builder(tmp_path)
    assert deaf.wait(10) != 0


@pytest.mark.parametrize("note", [None, "", "{}", "[]", '{"process_id": 1}', '{"process": "x@1"}', '{"process": "1"}'])
def test_no_or_a_broken_note_ends_nothing(tmp_path: Path, note: str | None) -> None:
    if note is not None:
        (tmp_path / NOTE).write_text(note)
    assert not end_builder(tmp_path)
