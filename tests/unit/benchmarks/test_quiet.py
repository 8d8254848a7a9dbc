"""Benchmarks say how quiet the machine was, and do not take their own work for somebody else's."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.benchmarks import quiet
from tests.benchmarks.quiet import Watch, settle, verdict

BURN = "import time; end = time.process_time() + {seconds}\nwhile time.process_time() < end: pass"


class Clock:
    """CPU seconds of all and of this process as a test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.busy = self.own = self.wall = 0.0
        monkeypatch.setattr(quiet, "busy_seconds", lambda: self.busy)
        monkeypatch.setattr(quiet, "own_seconds", lambda: self.own)
        monkeypatch.setattr(time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(quiet.os, "cpu_count", lambda: 2)


def watched(clock: Clock, busy: float, own: float, wall: float = 10.0) -> float:
    watch = Watch()
    with watch.watching():
        clock.busy, clock.own, clock.wall = clock.busy + busy, clock.own + own, clock.wall + wall
    [share] = watch.shares
    return share


def test_only_the_work_of_others_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that keeps both processors busy by itself is quiet; the same load from others is not."""
    clock = Clock(monkeypatch)
    assert watched(clock, busy=20, own=20) == 0
    assert watched(clock, busy=20, own=10) == pytest.approx(0.5)
    assert watched(clock, busy=1, own=1.2) == 0, "clocks of the kernel tick coarsely"


def test_own_children_count_as_own() -> None:
    """Measured, not set: a child's second of work is not somebody else's."""
    before = quiet.own_seconds()
    subprocess.run([sys.executable, "-c", BURN.format(seconds=0.5)], check=True)
    assert quiet.own_seconds() - before >= 0.5
    assert quiet.busy_seconds() > 0


def test_waiting_is_bounded_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The benchmark begins once the load has come down, and in any case when its patience ends."""
    slept: list[float] = []
    loads = iter([2.0, 2.0, 1.0, 0.4, 0.4])
    said = settle(100, lambda: next(loads), slept.append)
    assert said == "Load of one minute before the rounds: 0.4 after 10 s of waiting (from 2.0; it settled)."
    assert said in capsys.readouterr().out
    slept.clear()
    assert "3.0 after 20 s of waiting (from 3.0; it did not settle)" in settle(20, lambda: 3.0, slept.append)
    assert sum(slept) == 20


@pytest.mark.parametrize(
    ("shares", "spread", "said"),
    [
        ([0.02, 0.5, 0.03], 0.1, None),
        ([0.2, 0.5, 0.03], 0.1, "other processes used more than 10%"),
        ([0.0], 0.3, "the rounds spread by 30%"),
        ([0.9], 0.3, "processors and the rounds"),
    ],
)
def test_a_table_is_marked_for_what_others_did_and_for_its_spread(
    shares: list[float], spread: float, said: str | None
) -> None:
    found = verdict(Watch(shares), spread)
    assert (found is None) if said is None else (said in (found or ""))
