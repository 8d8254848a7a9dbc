"""The entrance hall: what Dagster sees of the works, in the order data flows through it.

``build`` takes overrides, so that tests open the same hall with another profile.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.defs import automation, fetch, ingest, release, transform
from orchestration.resources import Works


def build(profile: str = "") -> dg.Definitions:
    """All definitions; ``profile`` empty means the environment's."""
    return dg.Definitions(
        assets=[*fetch.assets(), *ingest.ASSETS, transform.workshop, *release.ASSETS],
        jobs=[automation.refresh_job],
        schedules=automation.schedules(),
        sensors=[automation.survey_wave],
        resources={
            "works": Works(profile=profile),
            "dbt": DbtCliResource(
                project_dir=transform.project,
                profiles_dir=str(transform.project.project_dir),
                # The environment's own dbt, also where it is not on the path.
                dbt_executable=str(Path(sys.executable).parent / "dbt"),
            ),
        },
        executor=dg.in_process_executor,
    )


defs = build()
