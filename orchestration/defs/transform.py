"""The workshop in Dagster: every dbt model is an asset, every dbt test a check on it."""

import importlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, DbtProject, dbt_assets

from ingest.registry import sources
from ingest.snapshot import landed
from orchestration.manifest import ensure_manifest
from orchestration.metadata import OWNERS
from orchestration.resources import WRITER_POOL, Works
from warehouse.build import PROJECT, dbt_results, empty_marts, row_counts
from warehouse.run import Run
from warehouse.steps import step

# The models are drawn when this module is read, by whichever door Dagster comes.
ensure_manifest()
project = DbtProject(project_dir=PROJECT, profiles_dir=PROJECT)
LAYERS = {"staging": "workshop_1_staging", "intermediate": "workshop_2_intermediate", "marts": "workshop_3_marts"}


class Translator(DagsterDbtTranslator):
    """Groups by layer, keys by layer and name; sources are the dock's assets."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        layer = "seed" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1]
        return dg.AssetKey([layer, dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return LAYERS.get(dbt_resource_props["fqn"][1], "workshop_0_seeds")

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        meta = {
            **(dbt_resource_props.get("meta") or {}),
            **((dbt_resource_props.get("config") or {}).get("meta") or {}),
        }
        return [OWNERS.get(str(meta.get("owner")), OWNERS["works"])]


translator = Translator(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


@dbt_assets(manifest=project.manifest_path, dagster_dbt_translator=translator, name="workshop", pool=WRITER_POOL)
def workshop(context: dg.AssetExecutionContext, works: Works, dbt: DbtCliResource) -> Iterator[Any]:
    """Build the models of this run into a file of its own; tests gate row by row."""
    with works.room("workshop") as run:
        served = works.nothing_to_build
        if served:
            run.note_unchanged()
            step("workshop", "unchanged", f"nothing new since {served}; it stays served")
            return
        words = ["build", "--exclude-resource-type", "unit_test"]
        invocation = dbt.cli(words, context=context, target_path=run.target, raise_on_error=False)
        run.note_builder(invocation.process.pid)
        # The audit's library takes seconds to import; it is ready when dbt is.
        threading.Thread(target=_import_audit, daemon=True).start()
        outputs = []
        for event in invocation.stream():
            is_model = isinstance(event, dg.Output)
            step("workshop", "model" if is_model else "test", getattr(event, "output_name", "dbt test"))
            if is_model:
                outputs.append(event)  # until the rows are known
            else:
                yield event
        results = dbt_results(run, Path(invocation.target_path))
        run.add(results)
        yield from with_row_counts(outputs, run)
        if not invocation.is_successful():
            broken = [r.message for r in results if r.blocks]
            raise dg.Failure(
                description=broken[0] if broken else "dbt failed before it built a model; see the log of the step",
                allow_retries=False,
            )
        silent = {s.source_id for s in sources().values() if not list(landed(works.lineage, s.source_id))}
        run.add(empty_marts(run, Path(invocation.target_path), silent))
        step("workshop", "built", f"{len(outputs)} models", tests=len(results))


def _import_audit() -> None:
    # What is missing is told by the court, where the audit is due: here it would be lost in a thread.
    with suppress(ImportError):
        importlib.import_module("quality.audit")


def with_row_counts(outputs: list[dg.Output[Any]], run: Run) -> Iterator[dg.Output[Any]]:
    """The models' outputs, with the rows each table has now."""
    counts = row_counts(run)
    for output in outputs:
        rows = counts.get(output.output_name.split("__", 1)[-1])
        yield output.with_metadata({**output.metadata, "dagster/row_count": rows}) if rows is not None else output
