"""One sample home, refreshed once per session through the command; each test that writes gets a copy of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from warehouse.paths import Lineage, remove_tree

ROOT = Path(__file__).parent.parent.parent
COMMAND = Path(sys.executable).parent / "kettenwerk"
LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Works:
    """A home and the command that works on it."""

    home: Path
    profile: str = "sample"
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def lineage(self) -> Lineage:
        return Lineage(self.home, self.profile)

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("KETTENWERK_", "DAGSTER_"))}
        real = os.environ.get("KETTENWERK_REAL_DATA")
        given = {"KETTENWERK_HOME": str(self.home), "COLUMNS": "200"} | ({"KETTENWERK_REAL_DATA": real} if real else {})
        return kept | given | dict(self.extra)

    def call(self, *words: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Call ``kettenwerk`` as a person would, from another folder than the project's."""
        done = subprocess.run(
            [str(COMMAND), *words],
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            env=self.environment,
            cwd=self.home,
        )
        if check and done.returncode:
            raise AssertionError(
                f"kettenwerk {' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done

    def refresh(self, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One refresh of the profile."""
        return self.call("refresh", "--profile", self.profile, check=check)

    def drive(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One refresh that the test steers (see ``drive.py``)."""
        return subprocess.run(
            [sys.executable, "-m", "tests.integration.drive", "--profile", self.profile, *words],
            capture_output=True, text=True, timeout=LIMIT_SECONDS, env=self.environment, cwd=ROOT,
        )  # fmt: skip

    def ask(self, statement: str, audience: str = "analyst") -> list[tuple[object, ...]]:
        """Rows of a query on the served release."""
        with duckdb.connect(str(self.lineage.current.resolve() / f"{audience}.duckdb"), read_only=True) as connection:
            return connection.execute(statement).fetchall()

    def served_bytes(self) -> dict[str, str]:
        """Hash of the pointer's target and of every file under it."""
        folder = self.lineage.current.resolve()
        files = {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}
        return {"current": os.readlink(self.lineage.current), **files}

    def copy(self, to: Path) -> Works:
        """A copy that a test may break."""
        shutil.copytree(self.home, to, symlinks=True)
        return Works(to, self.profile, self.extra)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """The sample, refreshed once; tests only read it."""
    home = tmp_path_factory.mktemp("published") / "home"
    home.mkdir()
    works = Works(home)
    build = home.parent / "warehouse.duckdb"
    done = works.drive("--copy-build", str(build), "--list", str(home.parent / "steps.txt"))
    if done.returncode:
        pytest.fail(f"the sample could not be published:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}", pytrace=False)
    return works


@pytest.fixture(scope="session")
def build_file(published: Works) -> Path:
    """The build the sample release was sealed from."""
    return published.home.parent / "warehouse.duckdb"


@pytest.fixture
def works(published: Works, tmp_path: Path) -> Works:
    """A copy of the published sample that a test may break."""
    made = published.copy(tmp_path / "works")
    yield made  # pyright: ignore[reportReturnType]
    remove_tree(made.home)
