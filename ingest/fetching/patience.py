"""How often and how long a request is tried, and how long a body may take.

Belongs here: attempts, waits between them, and the alarm that ends a body. Does not belong here: sending (``http``).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import requests
from urllib3 import Retry
from urllib3.exceptions import InvalidHeader, MaxRetryError

from ingest.errors import FetchError
from warehouse.steps import step

ATTEMPTS = 5
REPEATED_STATUSES = (429, 500, 502, 503, 504)


class _Retry(Retry):
    """Retries; a ``Retry-After`` that says no time is as good as none."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, OverflowError, ValueError):
            return 0


class Patience:
    """The patience with one request: attempts are counted, waits grow with jitter, ``Retry-After`` is obeyed.

    Args:
        source_id: for what is said while waiting.
        max_wait_seconds: the longest single wait.
        refuse: makes the error that ends the attempts.
    """

    def __init__(self, source_id: str, max_wait_seconds: float, refuse: Callable[..., FetchError]) -> None:
        self._source_id = source_id
        self._max_wait_seconds = max_wait_seconds
        self._refuse = refuse
        self._left: Retry = _Retry(
            total=ATTEMPTS,
            backoff_factor=float(os.environ.get("KETTENWERK_BACKOFF_SECONDS") or 0.5),
            backoff_jitter=0.3,
            backoff_max=60,
            allowed_methods=None,
            status_forcelist=REPEATED_STATUSES,
            retry_after_max=10**9,
        )

    def wait(
        self, method: str, url: str, response: requests.Response | None = None, error: Exception | None = None
    ) -> None:
        """Sleep until the next attempt.

        Raises:
            FetchError: the attempts are used up, or the service asks for a longer wait than the endpoint allows.
        """
        status = f"HTTP {response.status_code}" if response is not None else type(error).__name__
        raw = response.raw if response is not None else None
        asked_wait = self._left.get_retry_after(raw) if raw is not None else None
        if asked_wait and asked_wait > self._max_wait_seconds:
            raise self._refuse(
                url,
                f"{status}, and the service asks to wait {asked_wait:.0f} s",
                f"at most {self._max_wait_seconds:.0f} s",
                "call again then; what was fetched so far is kept",
                is_passing=True,
            )
        try:
            self._left = self._left.increment(method, url, response=raw, error=error if raw is None else None)
        except MaxRetryError:
            raise self._refuse(
                url, f"no whole answer after {ATTEMPTS + 1} attempts (last: {status})", "an answer", is_passing=True
            ) from None
        attempt = f"{ATTEMPTS - (self._left.total or 0)} of {ATTEMPTS}"
        step("dock", "again", f"{self._source_id}: {status}, asking again ({attempt})")
        self._left.sleep(raw)


@contextmanager
def alarm(seconds: float, response: requests.Response, is_late: threading.Event) -> Iterator[None]:
    """End a body that trickles: every byte comes within the read timeout, and the last one never."""

    def ring() -> None:
        is_late.set()
        with suppress(RuntimeError, ValueError, OSError):  # the body ended in the same moment
            response.raw.shutdown()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
