"""The peers, ready to be asked, and the real grid of the methods' tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance.environments import peer_python, run_peer
from tests.conformance.matrices import Matrix
from tests.unit.methods.conftest import real_grid, real_trade

__all__ = ["real_grid", "real_trade"]


@dataclass(frozen=True)
class Peers:
    """Where the environments are kept."""

    kept: Path

    def ask(self, matrix: Matrix, work: Path, *runs: str) -> None:
        """Hand a matrix to all three peers; their figures lie under `work`, a folder each. `runs` names those of ecomplexity."""
        matrix.write(work)
        for lock in ("complexity", "economic_complexity"):
            run_peer(peer_python(lock, self.kept), f"{lock}_side.py", str(work), *runs)

    def python(self, lock: str) -> Path:
        return peer_python(lock, self.kept)


@pytest.fixture(scope="session")
def peers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Peers:
    """Environments of the peers, kept in pytest's cache between runs; without a cache they are made for this run."""
    cache = getattr(request.config, "cache", None)
    return Peers(Path(cache.mkdir("peers")) if cache else tmp_path_factory.mktemp("peers"))
