"""A whole refresh of the sample beside what ``dbt build`` of the same models takes alone.

``python -m tests.benchmarks.refresh [--rounds 5]`` runs the three sides in turn, each as a whole process: dbt build
alone (into a fresh file, on the same lake), the first refresh in an empty home, a refresh with nothing new. It waits until
the machine is quiet, prints the table and writes it to ``tests/benchmarks/REFRESH.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.quiet import PATIENCE_SECONDS, Watch, settle, verdict
from tests.integration.conftest import ROOT, Works
from warehouse.build import PROJECT
from warehouse.paths import remove_tree

PAGE = Path(__file__).parent / "REFRESH.md"
PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "polars", "great-expectations")
LIMIT_RATIO = 2.5


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (MB, largest process) of one whole process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        ["/usr/bin/env", *command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for a quiet machine")
    asked = parser.parse_args()
    rounds = asked.rounds
    scratch = Path(tempfile.mkdtemp(prefix="refresh-benchmark-"))
    tools = Path(sys.executable).parent
    kept = Works(scratch / "kept")
    kept.home.mkdir()
    kept.refresh()
    sides: dict[str, list[tuple[float, float, float]]] = {
        "dbt build alone": [],
        "first refresh": [],
        "refresh, nothing new": [],
    }
    before, watch = settle(asked.patience), Watch()
    for number in range(rounds):
        fresh = Works(scratch / f"first{number}")
        fresh.home.mkdir()
        out = scratch / f"build{number}"
        alone = {
            **kept.environment,
            "KETTENWERK_LAKE": str(kept.lineage.lake),
            "KETTENWERK_BUILD_FILE": str(out / "build.duckdb"),
        }
        out.mkdir()
        dbt = [str(tools / "dbt"), "--quiet", "build", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
               "--target-path", str(out / "target"), "--log-path", str(out)]  # fmt: skip
        refresh = [str(tools / "kettenwerk"), "refresh", "--json"]
        with watch.watching():
            sides["dbt build alone"].append(timed(dbt, alone | {"PYTHONPATH": str(ROOT)}))
            sides["first refresh"].append(timed(refresh, fresh.environment))
            sides["refresh, nothing new"].append(timed(refresh, kept.environment))
        remove_tree(fresh.home)
        shutil.rmtree(out)
    text = table(sides, before, watch)
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    remove_tree(scratch)


def table(sides: dict[str, list[tuple[float, float, float]]], before: str, watch: Watch) -> str:
    """The result as a page; a ratio beside other work or with a wide spread is marked."""
    base = statistics.median(r[0] for r in sides["dbt build alone"])
    lines = [
        "# A refresh beside dbt build alone",
        "",
        f"Sample region, {len(watch.shares)} interleaved rounds, whole processes, medians. {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in PACKAGES) + ".",
        f"{before} Share of the processors that others used in a round: {watch}. "
        "Written by `python -m tests.benchmarks.refresh`.",
        "",
        "| side | wall s | min to max s | CPU s | peak MB, largest process | ratio to dbt build |",
        "|---|---|---|---|---|---|",
    ]
    spread = 0.0
    for name, runs in sides.items():
        walls = [r[0] for r in runs]
        median = statistics.median(walls)
        spread = max(spread, (max(walls) - min(walls)) / median)
        lines.append(
            f"| {name} | {median:.1f} | {min(walls):.1f} to {max(walls):.1f} | {statistics.median(r[1] for r in runs):.1f} "
            f"| {max(r[2] for r in runs):.0f} | {median / base:.2f} |"
        )
    lines += [
        "",
        f"Wanted: a whole refresh at most {LIMIT_RATIO} times dbt build alone; a second one less than the first.",
    ]
    lines += [doubt] if (doubt := verdict(watch, spread)) else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
