"""How quiet the machine is while a benchmark runs: waited for before, measured during, said beside the numbers.

The load average cannot say it, because it counts the benchmark itself. So the CPU time that *other* processes used while
a side ran is taken: all that the processors did, less what this process and its children did.

Belongs here: waiting and measuring. Does not belong here: what is measured, or the tables.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

SETTLED_LOAD = 0.5
PATIENCE_SECONDS = 300.0
LOOK_SECONDS = 5.0
# Others with more than this share of all processors make a ratio unreliable; so does a wider spread of the rounds.
FOREIGN_SHARE_MAX = 0.10
SPREAD_MAX = 0.25


@dataclass
class Watch:
    """Share of all processors (0 to 1) that other processes used, one value per stretch that was watched."""

    shares: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch one stretch of work. Children count as own work once they have been waited for."""
        busy, own, started = busy_seconds(), own_seconds(), time.perf_counter()
        yield
        wall = time.perf_counter() - started
        foreign = (busy_seconds() - busy) - (own_seconds() - own)
        self.shares.append(max(0.0, foreign) / (wall * (os.cpu_count() or 1)))

    @property
    def is_quiet(self) -> bool:
        """Whether others left the machine to us in most stretches."""
        return not self.shares or statistics.median(self.shares) <= FOREIGN_SHARE_MAX

    def __str__(self) -> str:
        return ", ".join(f"{share:.0%}" for share in self.shares)


def busy_seconds() -> float:
    """CPU seconds all processors have spent on anything since the machine started; what was stolen counts."""
    times = psutil.cpu_times()
    return sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal"))


def own_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(r.ru_utime + r.ru_stime for r in both)


def settle(
    patience: float = PATIENCE_SECONDS,
    load: Callable[[], float] = lambda: os.getloadavg()[0],
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until the load of one minute has come down, at most ``patience`` seconds; a sentence says how that went."""
    first, waited = load(), 0.0
    while load() > SETTLED_LOAD and waited < patience:
        sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
    now = load()
    end = "it settled" if now <= SETTLED_LOAD else "it did not settle"
    said = f"Load of one minute before the rounds: {now:.1f} after {waited:.0f} s of waiting (from {first:.1f}; {end})."
    print(said, flush=True)
    return said


def verdict(watch: Watch, spread: float) -> str | None:
    """Why a table is unreliable; None where it is not. ``spread``: widest (max - min) / median of the sides compared."""
    reasons = []
    if not watch.is_quiet:
        reasons.append(f"other processes used more than {FOREIGN_SHARE_MAX:.0%} of the processors")
    if spread > SPREAD_MAX:
        reasons.append(f"the rounds spread by {spread:.0%} (more than {SPREAD_MAX:.0%})")
    return f"Marked unreliable: {' and '.join(reasons)}." if reasons else None
