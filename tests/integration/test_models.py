"""The models' own unit tests (dbt's), on a build: they prove the code, so that a refresh need not run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import LIMIT_SECONDS, Works
from warehouse.build import OFFLINE, PROJECT


@pytest.mark.long
def test_every_unit_test_of_the_models_passes(published: Works, build_file: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "test", "--select", "test_type:unit",
         "--profiles-dir", str(PROJECT), "--target-path", str(tmp_path), "--log-path", str(tmp_path)],
        cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT_SECONDS,
        env=os.environ | OFFLINE | {"KETTENWERK_LAKE": str(published.lineage.lake), "KETTENWERK_BUILD_FILE": str(build_file)},
    )  # fmt: skip
    written = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["unit_tests"]
    results = json.loads((tmp_path / "run_results.json").read_text(encoding="utf-8"))["results"]
    assert {r["unique_id"] for r in results} == written.keys() and written, done.stdout[-2000:]
    assert [r["unique_id"] for r in results if r["status"] != "pass"] == [], done.stdout[-4000:]
