"""What benchmarks with several sides share: a side in a fresh process, its figures, and a peer's own environment.

Belongs here: running and measuring. Does not belong here: what a side does, or how quiet the machine is (``quiet``).
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Run:
    """One side in one round: seconds and CPU seconds of the work, MB at most of all its processes, and what it said."""

    seconds: float
    cpu: float
    peak: float
    said: dict[str, Any] = field(default_factory=dict)


def watched(command: Sequence[str]) -> tuple[str, float]:
    """What a command printed, and the MB it and all it started held at most, looked at every 20 ms."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        tree, peak = psutil.Process(process.pid), 0.0
        while process.poll() is None:
            try:
                peak = max(peak, sum(p.memory_info().rss for p in [tree, *tree.children(recursive=True)]) / 2**20)
            except psutil.Error:
                continue
            time.sleep(0.02)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return said, peak


def measured(command: Sequence[str]) -> Run:
    """A side in a fresh process. It prints ``seconds``, ``cpu`` and ``peak`` of its work as JSON in its last line."""
    os.sync()
    said, peak = watched(command)
    found = json.loads(said.splitlines()[-1])
    return Run(found.pop("seconds"), found.pop("cpu"), max(peak, found.pop("peak")), found)


def report(work: Callable[[], Mapping[str, Any] | None]) -> None:
    """Do a side's work, everything imported, and print what it took and what it says of itself."""
    cpu, started = own_cpu(), time.perf_counter()
    said = work() or {}
    seconds, cpu = time.perf_counter() - started, own_cpu() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": own_peak(), **said}))


@contextmanager
def timed(steps: dict[str, float], name: str) -> Iterator[None]:
    """Note the seconds of a step."""
    started = time.perf_counter()
    yield
    steps[name] = time.perf_counter() - started


def own_cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(r.ru_utime + r.ru_stime for r in both)


def own_peak() -> float:
    """Most memory this process held, in MB. Not ``ru_maxrss``: that survives exec and begins with the parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def median(runs: Sequence[Run], what: str = "seconds") -> float:
    """Of all rounds."""
    return statistics.median(getattr(run, what) for run in runs)


def spread(runs: Sequence[Run]) -> float:
    """(max - min) / median of the seconds."""
    seconds = [run.seconds for run in runs]
    return (max(seconds) - min(seconds)) / statistics.median(seconds)


def peer_python(lock: str, work: Path) -> Path:
    """The Python of a peer's own environment, made from ``peers/<lock>.lock`` in ``work`` where it is not there yet."""
    venv = work / f"peer_{lock}"
    python = venv / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True, timeout=120)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes", "--python", python]
        subprocess.run([*install, "-r", PEERS / f"{lock}.lock"], check=True, timeout=600)
    return python


def versions(python: Path | str, packages: Sequence[str]) -> str:
    """Packages with their versions as another Python sees them."""
    asked = (
        f"from importlib.metadata import version as v; print(', '.join(f'{{p}} {{v(p)}}' for p in {list(packages)}))"
    )
    told = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    return told.stdout.strip()
