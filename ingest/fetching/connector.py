"""What every protocol does: say what there is to ask for, then bring one thing at a time.

Belongs here: the shape of a connector and finding one by name. Does not belong here: any protocol
(``ingest/connectors/<name>.py``) or keeping what was fetched (``fetch``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ingest.fetching.http import Answer, Client
from warehouse.paths import Lineage
from warehouse.region import Region


@dataclass(frozen=True)
class Ask:
    """One thing to ask a source for; it becomes one file.

    ``cursor`` is the state the source says it is in now (size and date, ETag, ``stand``, count): the same cursor as
    at the last fetch means nothing new. None means only fetching can tell. ``vintage`` names the publisher's
    own vintage where it has one, as text that sorts by time. ``members`` is a pattern: the file is a ZIP whose members of
    such names are what is kept.
    """

    partition_key: str
    file_name: str
    url: str
    params: Mapping[str, Any] = field(default_factory=dict)
    cursor: str | None = None
    vintage: str | None = None
    byte_count: int | None = None
    request_count: int = 1
    title: str = ""
    members: str | None = None


@dataclass(frozen=True)
class Fetched:
    """How an answer came: kept beside the bytes. ``url`` and ``params`` hold no secrets.

    ``is_new`` False means the source said it has nothing newer than the last fetch; nothing was written then.
    ``cursor`` is the state of what was really brought, where that is known better than when asking.
    """

    url: str
    params: Mapping[str, Any] = field(default_factory=dict)
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_disposition: str | None = None
    cursor: str | None = None
    licence_note: str | None = None
    is_new: bool = True

    @classmethod
    def of(cls, answer: Answer, **more: Any) -> Fetched:
        """What an HTTP answer says of itself."""
        h = answer.headers
        return cls(
            url=answer.url,
            http_status=answer.status,
            etag=h.get("etag"),
            last_modified=h.get("last-modified"),
            content_disposition=h.get("content-disposition"),
            **more,
        )


@dataclass(frozen=True)
class Known:
    """What the last fetch of a partition left: its cursor, when it was retrieved (ISO 8601, UTC), and where it lies."""

    cursor: str | None
    retrieved_at: str
    url: str = ""
    last_looked_at: str = ""
    path: Path | None = None


class Connector(Protocol):
    """A protocol bound to one endpoint."""

    def asks(self, wanted: list[str]) -> list[Ask]:
        """Everything there is to ask for, or only the ``wanted`` partitions (an unknown one is an error)."""
        ...

    def offers(self, partition_key: str) -> bool:
        """Whether a partition that is not among ``asks`` would still be given by name: no, where ``asks`` is everything."""
        return False

    def fetch(self, ask: Ask, to: Path, known: Known | None) -> Fetched:
        """Bring one thing into the file ``to`` and prove that it is what was asked for.

        Raises:
            FetchError: something else came; the caller removes what was written.
        """
        ...


@dataclass(frozen=True)
class Context:
    """What a connector is built from.

    ``today`` is the day of the call, so that tests may choose it; ``lineage`` where a list of what to ask for may lie.
    """

    client: Client
    region: Region
    today: datetime = field(default_factory=lambda: datetime.now(UTC))
    lineage: Lineage | None = None

    @property
    def options(self) -> dict[str, Any]:
        return self.client.endpoint.options


_connectors: dict[str, Callable[[Context], Connector]] = {}


def connector(name: str) -> Callable[[Callable[[Context], Connector]], Callable[[Context], Connector]]:
    """Register a protocol under the name contracts use."""

    def register(made: Callable[[Context], Connector]) -> Callable[[Context], Connector]:
        _connectors[name] = made
        return made

    return register


def find_connector(name: str, context: Context) -> Connector:
    """The protocol of an endpoint; its module is loaded when a contract asks for it."""
    if name not in _connectors:
        importlib.import_module(f"ingest.connectors.{name}")
    return _connectors[name](context)
