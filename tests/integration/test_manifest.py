"""A fresh clone has no manifest; whoever comes first writes it, and whoever comes with them waits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.integration.conftest import ROOT
from warehouse.build import PROJECT

OPEN = """
import sys
from pathlib import Path
from orchestration import manifest
from warehouse.steps import listening
manifest.PROJECT = Path(sys.argv[1])
manifest.MANIFEST = manifest.PROJECT / "target" / "manifest.json"
seen = []
with listening(lambda step: seen.append(step.name)):
    manifest.ensure_manifest()
print(len(seen), manifest.MANIFEST.exists())
"""


def _open(project: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(project)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err[-2000:]
    return out.strip()


def test_two_processes_in_a_fresh_clone_parse_once(tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    both = [_open(project), _open(project)]
    assert sorted(_said(process) for process in both) == ["0 True", "1 True"]
    assert _said(_open(project)) == "0 True", "nothing is newer"
    next(project.rglob("models/**/*.sql")).touch()
    assert _said(_open(project)) == "1 True", "a model is newer"
