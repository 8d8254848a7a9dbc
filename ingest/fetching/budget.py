"""How often a source may be asked: requests are counted on the disk, so that a restart forgets none.

Belongs here: counting and waiting. Does not belong here: which limit a source has (its contract).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pyrate_limiter import Duration, Rate, RateItem, SQLiteBucket

from ingest.errors import FetchError

INTERVALS = {"second": Duration.SECOND, "minute": Duration.MINUTE, "hour": Duration.HOUR, "day": Duration.DAY}


class Budget:
    """The requests one endpoint may still be sent.

    Args:
        log: SQLite file shared by every process of this home.
        name: endpoint as ``source_endpoint``.
        limits: requests per ``second``, ``minute``, ``hour``, ``day``.
        max_wait_seconds: longest wait for the next free request; beyond it the call is refused (REG-009).
    """

    def __init__(self, log: Path, name: str, limits: Mapping[str, int], max_wait_seconds: float) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        rates = sorted((Rate(count, INTERVALS[per]) for per, count in limits.items()), key=lambda r: r.interval)
        self.name = name
        self.limits = limits
        self.max_wait_seconds = max_wait_seconds
        self._bucket = SQLiteBucket.init_from_file(
            rates, table=f"requests_{name}", db_path=str(log), use_file_lock=True
        )

    def take(self) -> None:
        """Count one request, after waiting for its turn.

        Raises:
            FetchError: the turn comes later than ``max_wait_seconds`` from now.
        """
        deadline = time.monotonic() + self.max_wait_seconds
        while True:
            with self._bucket.lock:
                item = RateItem(self.name, self._bucket.now())
                self._bucket.leak(item.timestamp)
                if self._bucket.put(item):
                    return
                wait = max(cast(int, self._bucket.waiting(item)), 1) / 1000
            if time.monotonic() + wait > deadline:
                spoken = ", ".join(f"{count} a {per}" for per, count in self.limits.items())
                raise FetchError(
                    source=self.name,
                    asked="the next request",
                    problem=f"the limit of {spoken} is used up for another {wait:.0f} s",
                    todo="call again later; what was fetched so far is kept",
                    is_passing=True,
                    rule_id="REG-009",
                )
            time.sleep(wait)

    def used(self) -> int:
        """Requests counted within the longest interval."""
        with self._bucket.lock:
            self._bucket.leak(self._bucket.now())
            return self._bucket.count()

    def close(self) -> None:
        """Let go of the file."""
        self._bucket.close()
