"""Fetching: ask a source what it has, and bring what is new.

Belongs here: plan and order. Does not belong here: keeping one thing (``keep``), protocols (``connectors``) or reading
(``snapshot``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.contract import Endpoint, Source
from ingest.errors import FetchError
from ingest.fetching.budget import Budget
from ingest.fetching.connector import Ask, Connector, Context, find_connector
from ingest.fetching.http import Client
from ingest.fetching.keep import keep, sweep_parts
from ingest.fetching.notes import Note, lies_here, note_of, notes_of
from ingest.fetching.question import is_same_question, no_longer_asked
from ingest.fetching.secrets import secrets_of, variable
from ingest.registry import adapted
from warehouse.paths import Lineage
from warehouse.region import Region
from warehouse.steps import step

OFF = "off by default; name it to fetch from it"


@dataclass(frozen=True)
class Planned:
    """One thing a source offers, and why it is or is not asked for: new, changed, asked anew, unknown, same."""

    endpoint: str
    ask: Ask
    reason: str

    @property
    def is_due(self) -> bool:
        return self.reason != "same"


@dataclass(frozen=True)
class Outcome:
    """What a fetch of a source did.

    ``left`` names endpoints not asked, with the reason; ``repeated`` files whose bytes were the same although the source
    said it had changed; ``unasked`` files of before that nothing asks for any more; they stay here.
    """

    source_id: str
    planned: list[Planned]
    brought: list[Note]
    request_count: int
    left: dict[str, str]
    repeated: list[str]
    unasked: list[str]

    @property
    def byte_count(self) -> int:
        return sum(note.byte_count for note in self.brought)


def base_url(source_id: str, name: str, endpoint: Endpoint) -> str:
    """The address to use: ``KETTENWERK_URL_<SOURCE>_<ENDPOINT>``, else the contract's."""
    return os.environ.get(f"KETTENWERK_URL_{source_id}_{name}".upper()) or endpoint.base_url


@contextmanager
def opened_client(lineage: Lineage, source: Source, name: str) -> Iterator[Client]:
    """The polite client of an endpoint."""
    endpoint = source.fetch[name]
    endpoint = endpoint.model_copy(update={"base_url": base_url(source.source_id, name, endpoint)})
    secrets = secrets_of(source.source_id, endpoint.credentials, lineage.home)
    budget = Budget(lineage.request_log, f"{source.source_id}_{name}", dict(endpoint.limits), endpoint.max_wait_seconds)
    with Client(source.source_id, name, endpoint, secrets, budget) as client:
        yield client


def why_left(lineage: Lineage, source: Source, name: str) -> str:
    """Why an endpoint is not asked without being named; empty when it is."""
    endpoint = source.fetch[name]
    missing = secrets_of(source.source_id, endpoint.credentials, lineage.home).missing(endpoint.credentials)
    if missing:
        return "no credentials; set " + ", ".join(variable(source.source_id, m) for m in missing)
    return "" if endpoint.is_enabled else OFF


def fetch(
    source: Source,
    lineage: Lineage,
    region: Region,
    *,
    endpoint: str | None = None,
    wanted: list[str] | None = None,
    dry_run: bool = False,
    today: datetime | None = None,
) -> Outcome:
    """Ask every endpoint of a source, or the named one, and bring what is new.

    Raises:
        FetchError: of the first thing that did not come; what came before it is kept.
    """
    source = adapted(source, region)
    names = [endpoint] if endpoint else list(source.fetch)
    planned: list[Planned] = []
    brought: list[Note] = []
    left: dict[str, str] = {}
    repeated: list[str] = []
    unasked: list[str] = []
    requests = 0
    for name in names:
        if name not in source.fetch:
            known = ", ".join(source.fetch) or "none"
            raise FetchError(
                source=source.source_id, asked=name, problem="there is no such endpoint", expected=f"one of: {known}",
                todo="call 'kettenwerk fetch --help'",
            )  # fmt: skip
        reason = why_left(lineage, source, name)
        if reason and not (endpoint and reason == OFF):
            left[name] = reason
            continue
        with opened_client(lineage, source, name) as client:
            before = client.budget.used()
            made_of = Context(client, region, today or datetime.now(UTC), lineage)
            protocol = find_connector(client.endpoint.connector, made_of)
            plan = _plan(lineage, source, name, protocol, wanted or [])
            planned += plan
            if not wanted:
                notes = notes_of(lineage, source.source_id, name)
                unasked += no_longer_asked(notes, [p.ask for p in plan], protocol.offers)
            if not dry_run:
                due = [p for p in plan if p.is_due]
                if not wanted:
                    sweep_parts(lineage, source, name, {p.ask.file_name for p in plan})
                new = _bring(lineage, source, name, protocol, due)
                brought += new
                repeated += _repeated(due, new)
            requests += client.budget.used() - before
    return Outcome(source.source_id, planned, brought, requests, left, repeated, unasked)


def _plan(lineage: Lineage, source: Source, name: str, protocol: Connector, wanted: list[str]) -> list[Planned]:
    plan = []
    for ask in protocol.asks(wanted):
        note = note_of(lineage, source.source_id, ask.file_name)
        if note is None or note.is_doubtful or not lies_here(lineage, note):
            reason = "new"
        elif ask.cursor is None:
            reason = "unknown"
        elif ask.cursor == note.cursor:
            reason = "same"
        else:
            reason = "changed" if is_same_question(ask.cursor, note.cursor) else "asked anew"
        plan.append(Planned(name, ask, reason))
    due = sum(p.is_due for p in plan)
    step("dock", "planned", f"{source.source_id}/{name}: {len(plan)} offered, {due} to ask for")
    return plan


def _repeated(due: list[Planned], new: list[Note]) -> list[str]:
    came = {note.file_name for note in new}
    return [p.ask.file_name for p in due if p.reason == "changed" and p.ask.file_name not in came]


def _bring(lineage: Lineage, source: Source, name: str, protocol: Connector, due: list[Planned]) -> list[Note]:
    def one(planned: Planned) -> Note | None:
        return keep(lineage, source, name, protocol, planned.ask, must_be_whole=planned.reason == "new")

    with ThreadPoolExecutor(source.fetch[name].parallel) as pool:
        notes = list(_all_or_first_error(pool, one, due))
    return [note for note in notes if note is not None]


def _all_or_first_error(
    pool: ThreadPoolExecutor, one: Callable[[Planned], Note | None], due: list[Planned]
) -> Iterator[Note | None]:
    """Results in order; the first error stops what has not begun."""
    futures = [pool.submit(one, planned) for planned in due]
    try:
        for future in futures:
            yield future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        raise
