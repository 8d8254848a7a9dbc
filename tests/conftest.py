"""Fixtures every test may use. Nothing here starts the works; the integration folder does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.paths import Lineage
from warehouse.region import Region

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test sees the settings or the home of the person who runs it."""
    for name in ("KETTENWERK_PROFILE", "KETTENWERK_REGION", "KETTENWERK_KEY_FILE", "KETTENWERK_KEEP_RELEASES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KETTENWERK_HOME", str(tmp_path / "home"))
    yield


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    """An empty lineage of profile sample."""
    made = Lineage(tmp_path / "home", "sample")
    made.prepare()
    return made


@pytest.fixture(scope="session")
def region() -> Region:
    """The region the project was made for."""
    return Region.load("maerkische_region")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files, or a plain skip."""
    from warehouse import settings

    folder = settings.load("real").real_data
    if not (folder / "trade").is_dir():
        pytest.skip(f"the folder of real files is not there ({folder}); set KETTENWERK_REAL_DATA to run this test")
    return folder
