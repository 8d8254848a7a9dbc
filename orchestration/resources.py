"""The works as a Dagster resource: which profile a run serves, and the writer's place it holds while it runs.

Belongs here: the bridge from Dagster's run to ``warehouse.run.Run``. Does not belong here: what a step does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from orchestration.abandoned import PROCESS_TAG, this_process
from warehouse import settings as settings_module
from warehouse.build import enter
from warehouse.errors import KettenwerkError
from warehouse.evidence import finish
from warehouse.news import served_as_it_is
from warehouse.paths import Lineage
from warehouse.publish import recover, writer
from warehouse.region import Region
from warehouse.results import Result
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.steps import step

# Steps that write a DuckDB file or the served pointer; Dagster lets one of them run at a time.
WRITER_POOL = "duckdb_writer"


class Works(dg.ConfigurableResource):
    """Settings, region and folders of one run.

    ``profile`` empty means the environment's. ``if_changed`` builds only when something is new; by default profile
    live does, because its sources are asked again and again. The writer's place of the profile is held from the first step to the
    last, so that a run, a publish and a rollback never write side by side.
    """

    profile: str = ""
    if_changed: bool | None = None
    _settings: Settings = PrivateAttr()
    _lineage: Lineage = PrivateAttr()
    _region: Region = PrivateAttr()
    _run_id: str = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Works]:
        """Hold the writer's place, clear what a killed run left, and keep the evidence at the end."""
        self._settings = settings_module.load(self.profile or None)
        self._lineage = Lineage.of(self._settings)
        self._region = Region.load(self._settings.region)
        self._run_id = context.run_id or "unknown"
        with writer(self._lineage):
            if context.instance and context.run_id:
                context.instance.add_run_tags(context.run_id, {PROCESS_TAG: this_process()})
            for done in recover(self._lineage):
                step("gallery", "recovered", done)
            try:
                yield self
            finally:
                finish(self.run)

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def lineage(self) -> Lineage:
        return self._lineage

    @property
    def region(self) -> Region:
        return self._region

    @property
    def run(self) -> Run:
        return Run(self._lineage, self._run_id)

    @property
    def newest_candidate(self) -> Path | None:
        """The newest sealed candidate of the profile."""
        return max((p for p in self._lineage.candidates.glob("*") if p.is_dir()), default=None)

    @property
    def nothing_to_build(self) -> str | None:
        """The served release, when this run may leave it as it is."""
        wanted = self.settings.profile == "live" if self.if_changed is None else self.if_changed
        return served_as_it_is(self.lineage, self.region) if wanted else None

    def begin(self) -> Run:
        """The run's working folder, made when first needed, and dbt's environment."""
        self.run.begin()
        enter(self.run)
        return self.run

    @contextmanager
    def room(self, name: str) -> Iterator[Run]:
        """A step of the run. A user's error becomes one clear failure without a traceback, kept as a result."""
        run = self.begin()
        try:
            yield run
        except KettenwerkError as error:
            rule_id = getattr(error, "rule_id", "MRT-002")
            failed = getattr(error, "failed_rows", None)
            with suppress(OSError):
                run.add([Result(rule_id, name, "block", "fail", failed_row_count=failed, message=error.message)])
            raise dg.Failure(description=error.message, allow_retries=False) from None
        except dg.Failure:
            raise
        except Exception as error:
            # An error of the works itself keeps its traceback in the log; the run still says what happened.
            with suppress(OSError):
                text = f"{type(error).__name__}: {' '.join(str(error).split())[:300]} (an error of the works itself; see runs/refresh.log)"
                run.add([Result("MRT-002", name, "block", "error", message=text)])
            raise
