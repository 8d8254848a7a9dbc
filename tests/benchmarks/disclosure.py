"""Cell suppression on a table of Kreis x division x size band: ours, a simple greedy one, and Tau-Argus.

``python -m tests.benchmarks.disclosure [--sizes 10 30 5] [--companies 3000] [--rounds 3] [--peer PYTHON]`` protects the same
invented companies by each method, judges every result by the same attack, prints the table and writes
``tests/benchmarks/DISCLOSURE.md``. ``--peer`` is a Python with ``pytauargus`` (``peers/tauargus.lock``); without it that
side is left out and the page says so.

The greedy side hides the smallest neighbour in every line with one hidden cell until there is none, and looks no further.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from importlib.metadata import version
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.quiet import PATIENCE_SECONDS, Watch, settle, verdict
from warehouse.privacy.disclosure import NONE, DisclosureRules, protect
from warehouse.privacy.disclosure_audit import recoverable
from warehouse.privacy.disclosure_cube import build_cube

PAGE = Path(__file__).parent / "DISCLOSURE.md"
PEER = Path(__file__).parent / "peers" / "tauargus_side.py"
DIMENSIONS = ["kreis_ags", "wz2_code", "headcount_band_code"]
SHARES = ("max_share", "two_max_share")
RULES = DisclosureRules(codes_are_published=False, max_unknowns=50_000)
SAFETY = "NK(1,75)|NK(2,85)|FREQ(5,20)"
TOTAL = "TOTAL"
Codes = dict[tuple[str, ...], bool]


def companies(sizes: tuple[int, ...], number: int) -> pl.DataFrame:
    """Invented companies, unevenly spread, headcounts lognormal as firms' are."""
    draw = np.random.default_rng(4)
    columns = {}
    for name, n in zip(DIMENSIONS, sizes, strict=True):
        weight = 1 / np.arange(1, n + 1)
        columns[name] = [f"{name[0]}{c:02d}" for c in draw.choice(n, number, p=weight / weight.sum())]
    return pl.DataFrame({**columns, "headcount": np.round(np.exp(draw.normal(3, 1.1, number)) + 1)})


def cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Every margin of the companies: count, headcount, shares of the largest and the two largest."""
    size = pl.col("headcount")
    parts = [
        frame.with_columns(pl.lit(TOTAL).alias(d) for d, summed in zip(DIMENSIONS, margin, strict=True) if summed)
        for margin in product((False, True), repeat=3)
    ]
    return (
        pl.concat(parts).group_by(DIMENSIONS)
        .agg(company_count=pl.len().cast(pl.Int64), volume=size.sum(), max_share=size.max() / size.sum(),
             two_max_share=size.top_k(2).sum() / size.sum())
        .sort(DIMENSIONS)
    )  # fmt: skip


def is_primary(table: pl.DataFrame) -> pl.Series:
    small = pl.col("company_count") < RULES.k
    dominated = (pl.col("max_share") > RULES.dominance_1) | (pl.col("two_max_share") > RULES.dominance_2)
    return table.select(small | dominated).to_series()


def ours(table: pl.DataFrame) -> Codes:
    """The method of the works."""
    coded = protect(table, DIMENSIONS, contributions=SHARES, rules=RULES, volume="volume")
    return {tuple(key): code != NONE for *key, code in coded.select(*DIMENSIONS, "suppression_code").iter_rows()}


def greedy(table: pl.DataFrame) -> Codes:
    """The smallest neighbour in every line with one hidden cell, until there is none."""
    hidden = dict(zip(table.select(DIMENSIONS).iter_rows(), is_primary(table), strict=True))
    count = dict(zip(table.select(DIMENSIONS).iter_rows(), table["company_count"], strict=True))
    lines: dict[tuple[int, tuple[str, ...]], list[tuple[str, ...]]] = defaultdict(list)
    for key in hidden:
        for place in range(3):
            lines[place, (*key[:place], *key[place + 1 :])].append(key)
    waiting = True
    while waiting:
        waiting = False
        for line in lines.values():
            free = [key for key in line if not hidden[key]]
            if sum(hidden[key] for key in line) == 1 and free:
                hidden[min(free, key=lambda key: (count[key], key))] = True
                waiting = True
    return hidden


def recovered(table: pl.DataFrame, codes: Codes) -> int:
    """Hidden cells whose count a reader of the figures alone knows to within a fifth."""
    cube = build_cube(table, DIMENSIONS, "company_count")
    hidden = np.array([codes[key] for key in table.select(DIMENSIONS).iter_rows()])[cube.row_of_cell]
    high = np.full(len(hidden), 10 * int(cube.count.max()))
    found = recoverable(cube, hidden, hidden.astype(np.int64), high, hidden, RULES.protection, RULES.max_unknowns)
    return len(found)


def peer(python: str, frame: pl.DataFrame, suppress: str) -> tuple[Codes, dict[str, float]]:
    """Tau-Argus in its own environment; its own clock, so that starting Python is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "companies.csv", Path(folder) / "out.json"
        frame.write_csv(source)
        subprocess.run(
            [python, str(PEER), str(source), str(target), suppress, SAFETY],
            check=True,
            capture_output=True,
            timeout=3600,
        )
        facts = json.loads(target.read_text())
    hidden = {tuple(key): status in ("U", "M") for *key, status in facts.pop("cells")}
    return hidden, facts


def own(method: str, frame: pl.DataFrame) -> tuple[Codes, dict[str, float]]:
    """One of our sides in a process of its own, by its own clock too."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "companies.csv", Path(folder) / "out.json"
        frame.write_csv(source)
        command = [sys.executable, "-m", "tests.benchmarks.disclosure", "--side", method, str(source), str(target)]
        subprocess.run(command, check=True, timeout=3600)
        facts = json.loads(target.read_text())
    return {tuple(key): bool(code) for *key, code in facts.pop("cells")}, facts


def side(method: str, source: str, target: str) -> None:
    """What :func:`own` starts."""
    table = cells(pl.read_csv(source, schema_overrides=dict.fromkeys(DIMENSIONS, pl.String)))
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    codes = {"ours": ours, "greedy": greedy}[method](table)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    facts = {"seconds": time.perf_counter() - started, "cpu": cpu, "memory_mb": after.ru_maxrss / 1024}
    Path(target).write_text(json.dumps({"cells": [[*key, code] for key, code in codes.items()], **facts}))


def line(name: str, table: pl.DataFrame, codes: Codes, runs: list[dict[str, float]]) -> str:
    """One method's row of the page."""
    rows = table.with_columns(
        hidden=pl.Series([codes.get(key, False) for key in table.select(DIMENSIONS).iter_rows()]),
        primary=is_primary(table),
    )
    base = rows.filter(pl.all_horizontal(pl.col(d) != TOTAL for d in DIMENSIONS))
    lost = float(base.filter("hidden")["volume"].sum()) / float(base["volume"].sum())
    margins = rows.filter(pl.any_horizontal(pl.col(d) == TOTAL for d in DIMENSIONS))
    lost_margins = float(margins.filter("hidden")["volume"].sum()) / float(margins["volume"].sum())
    unprotected = int((rows["primary"] & ~rows["hidden"]).sum())
    secondary = int((rows["hidden"] & ~rows["primary"]).sum())
    seconds = [run["seconds"] for run in runs]
    spread = (max(seconds) - min(seconds)) / statistics.median(seconds)
    return (
        f"| {name} | {statistics.median(seconds):.2f} | {spread:.0%} | {statistics.median(r['cpu'] for r in runs):.2f} | "
        f"{max(r['memory_mb'] for r in runs):.0f} | {int(rows['primary'].sum()) - unprotected} | {secondary} | {lost:.1%} | "
        f"{lost_margins:.1%} | {recovered(table, {k: codes.get(k, False) for k in table.select(DIMENSIONS).iter_rows()})} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs=3, default=[10, 30, 5])
    parser.add_argument("--companies", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", help="a Python with pytauargus")
    parser.add_argument("--peer-method", nargs="+", default=["OPT(1)"], help="Tau-Argus methods, OPT(1) or MOD(1)")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for a quiet machine")
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        side(*asked.side)
        return
    frame = companies(tuple(asked.sizes), asked.companies)
    table = cells(frame)
    settled, watch = settle(asked.patience), Watch()
    sides = {"ours": lambda: own("ours", frame), "greedy, lines only": lambda: own("greedy", frame)}
    for method in asked.peer_method if asked.peer else []:
        sides[f"Tau-Argus {method}"] = lambda method=method: peer(asked.peer, frame, method)
    codes: dict[str, Codes] = {}
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number in range(asked.rounds):
        for name, run in sides.items():
            with watch.watching():
                codes[name], facts = run()
            runs[name].append(facts)
            print(f"round {number + 1}: {name} {facts['seconds']:.2f} s", flush=True)
    lines = [line(name, table, codes[name], runs[name]) for name in sides]
    spread = max((max(s) - min(s)) / statistics.median(s) for s in ([r["seconds"] for r in rs] for rs in runs.values()))
    doubt = verdict(watch, spread)
    page = _page(asked, table, lines, settled, watch, doubt)
    print(page)
    PAGE.write_text(page, encoding="utf-8")


def _page(
    asked: argparse.Namespace, table: pl.DataFrame, lines: list[str], settled: str, watch: Watch, doubt: str | None
) -> str:  # fmt: skip
    a, b, c = asked.sizes
    peer_said = (
        f"Tau-Argus is `pytauargus` (`peers/tauargus.lock`), safety rules `{SAFETY}`, cells costed by headcount."
        if asked.peer else "Tau-Argus was left out: no Python with `pytauargus` was given."
    )  # fmt: skip
    return f"""# Cell suppression side by side

Written by `python -m tests.benchmarks.disclosure`. {asked.companies:,} invented companies in {a} Kreise x {b} divisions x {c} bands with
all margins, {table.height:,} cells that hold companies; fewer than {RULES.k} companies or one above {RULES.dominance_1:.0%}, two above {RULES.dominance_2:.0%} of
the headcount are primary. {peer_said} The greedy side covers every line that has one hidden cell and looks no further.

Recovered: hidden cells whose count a linear programme over everything shown tells to within a fifth, the same attack for
all sides. Tau-Argus protects sums of headcount, not counts, so its zero or not there says little; ours protects counts, and by
the rule of lines the dominance of what is hidden together. Lost: share of the headcount in hidden base cells, and of that in
hidden margins (all of them together).

| method | seconds | spread | CPU s | MB | primary | secondary | lost, base | lost, margins | recovered |
|---|---|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

Medians of {asked.rounds} rounds, interleaved; each side in a process of its own, its clock without starting it. Other processes
used {watch} of the processors. {settled} {doubt or ""}

{os.cpu_count()} processors, Python {platform.python_version()}, HiGHS {version("highspy")}, Polars {version("polars")}.
"""


if __name__ == "__main__":
    main()
