"""The rooms and who may know whom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("ingest", "warehouse", "quality", "orchestration")
MAY_IMPORT = {
    "warehouse": set(),
    "ingest": {"warehouse"},
    "quality": {"warehouse"},
    "orchestration": {"warehouse", "ingest", "quality"},
}
ONLY_IN = {
    "dagster": {"orchestration"},
    "dagster_dbt": {"orchestration"},
    "dbt": {"orchestration"},
    "great_expectations": {"quality"},
}
LIGHT = (
    "warehouse/query.py",
    "warehouse/settings.py",
    "warehouse/paths.py",
    "orchestration/cli.py",
    "orchestration/plot.py",
    "orchestration/show.py",
)


def modules() -> list[Path]:
    return [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for name in imports(path):
        if name in ROOMS and name != room:
            assert name in MAY_IMPORT[room], f"{room} must not know {name}"
        if name in ONLY_IN:
            assert room in ONLY_IN[name], f"only {ONLY_IN[name]} may import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    assert text.startswith('"""'), "a module opens by saying what belongs in it"


@pytest.mark.parametrize("name", LIGHT)
def test_light_commands_import_nothing_heavy(name: str) -> None:
    heavy = {"dagster", "dagster_dbt", "dbt", "great_expectations", "matplotlib", "pandas", "rustworkx", "textalloc"}
    top = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
    found = {
        (node.names[0].name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in top
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not found & heavy


def test_only_warehouse_writes_duckdb() -> None:
    """Outside warehouse every connection to a file is read-only."""
    for path in modules():
        room = path.relative_to(ROOT).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect"
            if called and room != "warehouse" and node.args:
                keywords = {k.arg: ast.unparse(k.value) for k in node.keywords}
                assert keywords.get("read_only") == "True", f"{path.name} opens a DuckDB file for writing"
