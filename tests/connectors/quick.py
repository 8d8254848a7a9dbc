"""A live source without its waiting: the same connector and service, with other facts of the endpoints.

Belongs here: what tests change in a contract. Does not belong here: services (``tests/replay``) or the fixtures of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.contract import Source
from ingest.fetching.fetch import Outcome, fetch
from ingest.registry import sources
from tests.connectors.conftest import Live

UNLIMITED = {"second": 10_000}


def contract(source_id: str, **facts: Any) -> Source:
    """A source whose endpoints all have these facts; ``options`` are laid over the endpoint's own."""
    source = sources()[source_id]
    options = facts.pop("options", {})
    changed = {
        name: endpoint.model_copy(update={**facts, "options": {**endpoint.options, **options}})
        for name, endpoint in source.fetch.items()
    }
    return source.model_copy(update={"fetch": changed})


@dataclass(frozen=True)
class Quick(Live):
    """A live source that is asked as fast as it answers."""

    @classmethod
    def of(cls, live: Live, **facts: Any) -> Quick:
        return cls(**{**{name: getattr(live, name) for name in Live.__dataclass_fields__}, **facts})

    def fetch(self, *wanted: str, **more: Any) -> Outcome:
        return self.fetch_with({}, *wanted, **more)

    def fetch_with(self, facts: dict[str, Any], *wanted: str, **more: Any) -> Outcome:
        """Fetch with other facts of the endpoints than the contract's."""
        source = contract(self.source_id, **{"limits": UNLIMITED, **facts})
        return fetch(source, self.lineage, self.region, wanted=list(wanted), **more)
