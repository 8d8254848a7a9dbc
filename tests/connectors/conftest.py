"""A live lineage whose sources are the replay server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.dock import Receipt, receive
from ingest.fetching.fetch import Outcome, fetch
from ingest.fetching.notes import folder_of
from ingest.registry import sources
from tests.replay.server import ReplayServer, Service
from warehouse.paths import Lineage
from warehouse.privacy import sealed
from warehouse.region import Region
from warehouse.settings import Settings


@dataclass(frozen=True)
class Live:
    """One source on a replay server, and the lineage it is fetched into."""

    source_id: str
    server: ReplayServer
    lineage: Lineage
    region: Region
    settings: Settings

    def fetch(self, *wanted: str, **more: Any) -> Outcome:
        return fetch(sources()[self.source_id], self.lineage, self.region, wanted=list(wanted), **more)

    def receive(self) -> Receipt:
        return receive(sources()[self.source_id], self.lineage, self.region, self.settings)

    def content(self, file_name: str) -> bytes:
        """A fetched file as the source gave it."""
        path = folder_of(self.lineage, self.source_id) / file_name
        return path.read_bytes() if path.exists() else sealed.read(self.lineage, sealed.sealed_path(path))

    @property
    def files(self) -> list[str]:
        """Everything that lies under the source's fetched folder, notes and parts included."""
        folder = folder_of(self.lineage, self.source_id)
        return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def live(tmp_path: Path, region: Region, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Live]]:
    """Start a replay server with a service and point a source's endpoints at it."""
    monkeypatch.setenv("KETTENWERK_BACKOFF_SECONDS", "0.01")
    with ExitStack() as stack:

        def start(source_id: str, service: Service) -> Live:
            server = stack.enter_context(ReplayServer(service))
            for name in sources()[source_id].fetch:
                monkeypatch.setenv(f"KETTENWERK_URL_{source_id}_{name}".upper(), server.url)
            home = tmp_path / "home"
            settings = Settings(home, "live", "maerkische_region", tmp_path / "real", 5, None)
            lineage = Lineage.of(settings)
            lineage.prepare()
            return Live(source_id, server, lineage, region, settings)

        yield start
