"""Fetching: ask a source what it has, bring what is new, keep it where a person could have dropped it.

``fetched/<source>/<file>`` lies in the same form as a file in the inbox and is read by the same reader. A note beside
it (``.notes/``) says how it came and in which state the source was; ``.partial/`` holds what is on its way. The file is
moved first and its note after it, so that a kill in between costs one more look and nothing else.

Belongs here: plan, order, keeping. Does not belong here: protocols (``connectors``) or reading (``snapshot``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract import Endpoint, Source
from ingest.errors import FetchError
from ingest.fetching.budget import Budget
from ingest.fetching.connector import Ask, Connector, Context, Fetched, Known, find_connector
from ingest.fetching.http import Client
from ingest.fetching.notes import Note, folder_of, note_of, write_note
from ingest.fetching.secrets import secrets_of, variable
from ingest.fetching.unpack import unpack
from ingest.registry import adapted
from warehouse.paths import Lineage, remove_tree, write_text_atomically
from warehouse.region import Region
from warehouse.release import file_sha256
from warehouse.steps import step

OFF = "off by default; name it to fetch from it"


@dataclass(frozen=True)
class Planned:
    """One thing a source offers, and why it is or is not asked for: new, changed, unknown, same, left."""

    endpoint: str
    ask: Ask
    reason: str

    @property
    def is_due(self) -> bool:
        return self.reason in ("new", "changed", "unknown")


@dataclass(frozen=True)
class Outcome:
    """What a fetch of a source did.

    ``left`` names endpoints not asked, with the reason; ``repeated`` files whose bytes were the same although the source
    said it had changed.
    """

    source_id: str
    planned: list[Planned]
    brought: list[Note]
    request_count: int
    left: dict[str, str]
    repeated: list[str]

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
            protocol = find_connector(client.endpoint.connector, Context(client, region, today or datetime.now(UTC)))
            plan = _plan(lineage, source, name, protocol, wanted or [])
            planned += plan
            if not dry_run:
                due = [p for p in plan if p.is_due]
                if not wanted:
                    _sweep(folder_of(lineage, source.source_id) / ".partial" / name, {p.ask.file_name for p in plan})
                new = _bring(lineage, source, name, protocol, due)
                brought += new
                repeated += _repeated(due, new)
            requests += client.budget.used() - before
    return Outcome(source.source_id, planned, brought, requests, left, repeated)


def _plan(lineage: Lineage, source: Source, name: str, protocol: Connector, wanted: list[str]) -> list[Planned]:
    plan = []
    for ask in protocol.asks(wanted):
        note = note_of(lineage, source.source_id, ask.file_name)
        if note is None or not note.lies_in(folder_of(lineage, source.source_id)):
            reason = "new"
        elif ask.cursor is None:
            reason = "unknown"
        else:
            reason = "same" if ask.cursor == note.cursor else "changed"
        plan.append(Planned(name, ask, reason))
    due = sum(p.is_due for p in plan)
    step("dock", "planned", f"{source.source_id}/{name}: {len(plan)} offered, {due} to ask for")
    return plan


def _repeated(due: list[Planned], new: list[Note]) -> list[str]:
    came = {note.file_name for note in new}
    return [p.ask.file_name for p in due if p.reason == "changed" and p.ask.file_name not in came]


def _bring(lineage: Lineage, source: Source, name: str, protocol: Connector, due: list[Planned]) -> list[Note]:
    def one(planned: Planned) -> Note | None:
        return _keep(lineage, source, name, protocol, planned)

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


def _keep(lineage: Lineage, source: Source, name: str, protocol: Connector, planned: Planned) -> Note | None:
    ask = planned.ask
    folder = folder_of(lineage, source.source_id)
    partial = folder / ".partial" / name / ask.file_name
    partial.parent.mkdir(parents=True, exist_ok=True)
    before = note_of(lineage, source.source_id, ask.file_name)
    _begin(partial, ask)
    is_here = before is not None and planned.reason != "new"  # a file that was removed must come whole
    known = (
        Known(before.cursor, before.retrieved_at, before.url, before.looked_at, folder / ask.file_name)
        if before and is_here
        else None
    )
    try:
        fetched = protocol.fetch(ask, partial, known)
    except FetchError as error:
        if not error.is_passing:
            _forget(partial)
        raise
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if not fetched.is_new and before is not None:
        _forget(partial)
        write_note(lineage, replace(before, looked_at=now, cursor=fetched.cursor or ask.cursor))
        step("dock", "unchanged", f"{source.source_id}: {ask.file_name} has nothing new")
        return None
    note = _note(source, name, ask, fetched, partial, now)
    is_same = before is not None and before.sha256 == note.sha256 and before.lies_in(folder)
    if ask.members:
        note = replace(note, members=_take_apart(lineage, source, note, partial, ask.members))
    else:
        _move(partial, folder / ask.file_name)
    write_note(lineage, note)
    _forget(partial)
    said = f"{source.source_id}: {ask.file_name}, {note.byte_count:,} bytes{', unchanged' if is_same else ''}"
    step("dock", "fetched", said)
    return None if is_same else note


def _move(partial: Path, to: Path) -> None:
    """Put a complete file where the next refresh reads, durable before it is seen."""
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    os.replace(partial, to)
    step("dock", "moved", to.name)


def _take_apart(lineage: Lineage, source: Source, note: Note, archive: Path, members: str) -> list[str]:
    """Move every wanted member of an archive into place, each with a note of its own; names of the members."""
    scratch = archive.with_name(archive.name + ".members")
    remove_tree(scratch)
    try:
        paths = unpack(archive, members, scratch, f"{source.source_id}/{note.endpoint}")
        for path in paths:
            own = replace(note, file_name=path.name, sha256=file_sha256(path), byte_count=path.stat().st_size)
            _move(path, folder_of(lineage, source.source_id) / path.name)
            write_note(lineage, own)
        return [path.name for path in paths]
    except FetchError:
        _forget(archive)
        raise
    finally:
        remove_tree(scratch)


def _note(source: Source, name: str, ask: Ask, fetched: Fetched, partial: Path, now: str) -> Note:
    return Note(
        source_id=source.source_id, endpoint=name, dataset_code=source.fetch[name].dataset,
        partition_key=ask.partition_key, file_name=ask.file_name, sha256=file_sha256(partial),
        byte_count=partial.stat().st_size, retrieved_at=now, looked_at=now, cursor=fetched.cursor or ask.cursor,
        vintage=ask.vintage, url=fetched.url, params=dict(fetched.params), http_status=fetched.http_status,
        etag=fetched.etag, last_modified=fetched.last_modified, content_disposition=fetched.content_disposition,
        licence_note=fetched.licence_note,
    )  # fmt: skip


def _begin(partial: Path, ask: Ask) -> None:
    """A part is only continued for the state of the source it was begun in."""
    begun = partial.with_name(partial.name + ".ask")
    state = json.dumps([ask.url, ask.cursor, dict(ask.params)], default=str)
    if partial.exists() and (not begun.exists() or begun.read_text(encoding="utf-8") != state):
        _forget(partial)
    write_text_atomically(begun, state)


def _forget(partial: Path) -> None:
    for path in (partial, partial.with_name(partial.name + ".ask"), partial.with_name(partial.name + ".state")):
        path.unlink(missing_ok=True)


def _sweep(parts: Path, offered: set[str]) -> None:
    """Remove parts of things the endpoint no longer offers, and what a kill left of an archive being taken apart."""
    for path in parts.glob("*"):
        if path.is_dir():
            remove_tree(path)
        elif path.name.removesuffix(".ask").removesuffix(".state") not in offered:
            path.unlink()
