"""One run's working folder: its build file, its candidate's name, and what its steps found.

Belongs here: facts that steps of one run hand to each other through the disk, so that they may run in one process or
several. Does not belong here: what is kept after the run (``results.Evidence``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from warehouse.builder import end_builder, note_builder
from warehouse.errors import RefusedError
from warehouse.lake import write_system_table
from warehouse.paths import Lineage, remove_tree, write_text_atomically
from warehouse.region import Region
from warehouse.release import new_release_id, now
from warehouse.results import Result
from warehouse.settings import Settings

CODE_FOLDERS = ("ingest", "warehouse", "quality", "orchestration", "dbt_project")


@dataclass(frozen=True)
class Run:
    """The folder ``build/run-<run id>``; gone when the run is over."""

    lineage: Lineage
    run_id: str

    @property
    def folder(self) -> Path:
        return self.lineage.build / f"run-{self.run_id}"

    @property
    def build_file(self) -> Path:
        """The file dbt writes."""
        return self.folder / "warehouse.duckdb"

    @property
    def target(self) -> Path:
        """Where dbt leaves manifest and results of this run."""
        return self.folder / "target"

    @property
    def _facts(self) -> Path:
        return self.folder / "run.json"

    @property
    def _results(self) -> Path:
        return self.folder / "results.jsonl"

    def begin(self) -> None:
        """Create the folder and name the release this run may make; calling again changes nothing."""
        if self._facts.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        facts = {"run_id": self.run_id, "release_id": new_release_id(), "started_at": now().isoformat()}
        write_text_atomically(self._facts, json.dumps(facts))

    def fact(self, name: str) -> str:
        """A fact of the run: ``release_id``, ``started_at``."""
        if not self._facts.exists():
            raise RefusedError(
                "this run has built nothing",
                where=self.run_id,
                todo="materialise the whole job 'refresh' instead of one asset",
            )
        return str(json.loads(self._facts.read_text(encoding="utf-8"))[name])

    def note_unchanged(self) -> None:
        """Remember that this run found nothing to build."""
        facts = json.loads(self._facts.read_text(encoding="utf-8"))
        write_text_atomically(self._facts, json.dumps(facts | {"is_unchanged": True}))

    @property
    def is_unchanged(self) -> bool:
        """Whether this run found nothing to build."""
        return bool(json.loads(self._facts.read_text(encoding="utf-8")).get("is_unchanged"))

    def add(self, results: Iterable[Result]) -> None:
        """Remember results of this run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._results.open("a", encoding="utf-8") as handle:
            for result in results:
                handle.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")

    def results(self) -> list[Result]:
        """Everything the steps found so far."""
        if not self._results.exists():
            return []
        return [Result(**json.loads(line)) for line in self._results.read_text(encoding="utf-8").splitlines()]

    def note_builder(self, process_id: int) -> None:
        """Remember the process that builds, so that it can be ended when this one is killed."""
        note_builder(self.folder, process_id)

    def end(self) -> None:
        """Remove the working folder, after ending a builder that a kill left behind."""
        end_builder(self.folder)
        remove_tree(self.folder)

    def write_lake_facts(self, region: Region, settings: Settings) -> None:
        """Give dbt the one row that describes this run."""
        row = {
            "run_id": self.run_id, "release_id": self.fact("release_id"), "profile_code": settings.profile,
            "region_code": region.region_code, "code_version": code_version(), "started_at": self.fact("started_at"),
            "is_synthetic": settings.is_synthetic,
        }  # fmt: skip
        frame = pl.DataFrame([row]).with_columns(
            pl.col("started_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us").dt.replace_time_zone(None)
        )
        write_system_table(self.lineage.lake, "meta", "run", frame)


def code_version() -> str:
    """Version of the distribution and a short hash of its code, so that every release says what made it."""
    try:
        number = version("kettenwerk")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{code_sha256()[:8]}"


def code_sha256() -> str:
    """Hash of every file that decides what a release contains."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if (
                path.suffix in {".py", ".sql", ".yml", ".csv"}
                and "target" not in path.parts
                and ".local_defs_state" not in path.parts
            ):
                digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()


def input_fingerprint(snapshots: pl.DataFrame, region: Region) -> str:
    """Hash of what a build depends on: snapshots in force, region folder, code."""
    digest = hashlib.sha256(code_sha256().encode())
    for snapshot_id in snapshots.filter(pl.col("is_latest_vintage"))["snapshot_id"].sort():
        digest.update(snapshot_id.encode())
    for path in sorted(region.folder.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
