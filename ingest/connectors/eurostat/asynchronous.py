"""Waiting for what Eurostat prepares: the same address asked again, or a queued extraction looked after by its number.

Every wait is bounded: ``polls`` looks, ``poll_seconds`` apart, for a promise; ``resubmits`` new orders for one that
expired. Addresses inside answers are never followed.

Belongs here: patience. Does not belong here: what is asked for (``eurostat``) or reading bodies (``messages``).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingest.connectors.eurostat.messages import Said, plain, read, status_of
from ingest.fetching.http import Answer, Client
from warehouse.steps import step

READ_HERE = (400, 404, 413)
WAITING = ("SUBMITTED", "PROCESSING", "QUEUED")
EXPIRED = ("EXPIRED", "UNKNOWN_REQUEST")


class Patience:
    """Asks until an answer is final. Options: ``polls`` (120), ``poll_seconds`` (5), ``resubmits`` (1)."""

    def __init__(self, client: Client) -> None:
        options = client.endpoint.options
        self.client = client
        self.polls = int(options.get("polls", 120))
        self.poll_seconds = float(options.get("poll_seconds", 5))
        self.resubmits = int(options.get("resubmits", 1))

    def ask(self, path: str, params: Mapping[str, Any], asked: str) -> tuple[Answer, Said]:
        """The final answer to a question, unpacked, and what it means: data or a reason why not.

        Raises:
            FetchError: the service was still preparing the answer after the last look, or let it expire too often.
        """
        expired = 0
        for _ in range(self.polls):
            answer = self.client.get(path, params, accept=READ_HERE)
            said = read(answer)
            if said.kind == "later":
                self._pause(asked)
                continue
            if said.kind != "queued":
                return replace(answer, content=plain(answer)), said
            collected = self._collect(said.job, asked)
            if collected is not None:
                return collected
            expired += 1
            if expired > self.resubmits:
                raise self.client.refuse(
                    asked, f"the service let the prepared answer expire {expired} times", "an answer that can be fetched",
                    "call again later; if it stays, ask for less (filters, 'since')", is_passing=True,
                )  # fmt: skip
        raise self._too_slow(asked)

    def _collect(self, job: str, asked: str) -> tuple[Answer, Said] | None:
        """What a queued extraction gave; None when it expired."""
        for _ in range(self.polls):
            answer = self.client.get(f"1.0/async/status/{job}", accept=READ_HERE)
            status = status_of(answer)
            if status in EXPIRED or read(answer).kind == "gone":
                return None
            if status == "AVAILABLE":
                params = {"format": "SDMX-CSV", "compressed": "false"}
                answer = self.client.get(f"1.0/async/data/{job}", params, accept=READ_HERE)
                said = read(answer)
                if said.kind == "gone":
                    return None
                if said.kind != "not_yet":
                    return replace(answer, content=plain(answer)), said
            elif status not in WAITING:
                raise self.client.refuse(
                    asked, f"the queued extraction answers '{status or read(answer).text or 'nothing'}'",
                    "one of SUBMITTED, PROCESSING, AVAILABLE, EXPIRED", "call again later", is_passing=True,
                )  # fmt: skip
            self._pause(asked)
        raise self._too_slow(asked)

    def _pause(self, asked: str) -> None:
        step("dock", "again", f"{self.client.source_id}: {asked} is being prepared, asking again")
        time.sleep(self.poll_seconds)

    def _too_slow(self, asked: str) -> Exception:
        return self.client.refuse(
            asked, f"the service was still preparing the answer after {self.polls} looks", "an answer within that time",
            "call again later; if it stays, ask for less (filters, 'since')", is_passing=True,
        )  # fmt: skip
