"""What every source does when something goes wrong, as a page written from the tests that hold it.

``python -m tests.connectors.behaviour`` runs the tests of the connectors and writes ``ingest/BEHAVIOUR.md`` from those
that passed: source, what happens, what comes of it. A test of the page fails when the tests say something else.

Belongs here: reading tests and writing the page. Does not belong here: any behaviour.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "ingest" / "BEHAVIOUR.md"
FAULTS = {
    "429": "HTTP 429 with Retry-After", "503": "HTTP 503 with Retry-After", "reset": "connection reset in the body",
    "slow": "slow body", "hang": "no answer", "cut": "body cut off", "page": "HTML page with status 200",
    "json_error": "JSON message instead of data",
}  # fmt: skip
OPENING = """\
# What happens when something goes wrong

Written by `python -m tests.connectors.behaviour` from the tests of the connectors, all of which passed; every source
runs against a real HTTP server on loopback that behaves like the service (`tests/replay/`).
"""


@dataclass(frozen=True)
class Case:
    """One test function: its source, what it tells, and the parameters it runs with."""

    source: str
    name: str
    sentence: str
    faults: tuple[str, ...]
    runs: int

    @property
    def is_malformed(self) -> bool:
        """Whether it feeds inputs that no source should deliver."""
        return any(
            word in self.name for word in ("malformed", "dirty", "broken_golden", "another_series", "wrong_contract")
        )


class Recorder:
    """A plugin that remembers what was collected and what passed."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []
        self.failed: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.items = list(items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


def cases(items: list[pytest.Item]) -> Iterator[Case]:
    """Test functions in the order of their files."""
    grouped: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        path = Path(str(item.path))
        if path.parent == HERE:
            grouped.setdefault((path.stem, item.originalname), []).append(item)
    for (stem, name), runs in sorted(grouped.items(), key=lambda pair: pair[0][0]):
        text = (runs[0].function.__doc__ or "").strip().splitlines()
        spoken = text[0] if text else name.removeprefix("test_").replace("_", " ").capitalize() + "."
        faults = {
            str(run.callspec.params["fault"])
            for run in runs
            if "fault" in getattr(getattr(run, "callspec", None), "params", {})
        }
        yield Case(stem.removeprefix("test_").split("_")[0], name, spoken, tuple(sorted(faults)), len(runs))


def page(found: list[Case]) -> str:
    """The page: faults by source, malformed inputs, and everything else a source is held to."""
    faults = [c for c in found if c.faults]
    malformed = [c for c in found if c.is_malformed and not c.faults]
    others = [c for c in found if not c.faults and not c.is_malformed]
    lines = [OPENING, "## Faults", "", "| source | fault | behaviour |", "|---|---|---|"]
    lines += [
        f"| {c.source} | {', '.join(FAULTS.get(f, f.replace('_', ' ')) for f in c.faults)} | {c.sentence} |"
        for c in faults
    ]
    lines += ["", f"## Malformed inputs ({sum(c.runs for c in malformed)})", "", "Each gives one message that names the place, what was expected and what to do; nothing lands.", "", "| source | inputs | behaviour |", "|---|---|---|"]  # fmt: skip
    lines += [f"| {c.source} | {c.runs} | {c.sentence} |" for c in malformed]
    lines += ["", "## What else is held", "", "| source | behaviour |", "|---|---|"]
    lines += [f"| {c.source} | {c.sentence} |" for c in others]
    return "\n".join(lines) + "\n"


def names_in_tests() -> set[str]:
    """Every test function of the connectors, read without running anything."""
    found = set()
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add((path.stem.removeprefix("test_").split("_")[0], node.name, ast.get_docstring(node)))
    return {
        f"{source}: {(text or name.removeprefix('test_').replace('_', ' ').capitalize() + '.').splitlines()[0]}"
        for source, name, text in found
    }


def main() -> int:
    recorder = Recorder()
    status = pytest.main([str(HERE), "-q", "-p", "no:cacheprovider"], plugins=[recorder])
    if status or recorder.failed:
        return int(status) or 1
    PAGE.write_text(page(list(cases(recorder.items))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
