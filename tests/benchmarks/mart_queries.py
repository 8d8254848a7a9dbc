"""Mart queries over 45 million rows of trade: the warehouse's own table beside Polars and DuckDB on raw Parquet.

``python -m tests.benchmarks.mart_queries [--rows 45000000] [--rounds 5] [--work FOLDER]`` invents five years of trade among
230 countries in 5,000 products, makes the warehouse's own table from it (build, then seal; printed too), waits until the
machine is quiet, runs every side in a fresh process, one after the other, as many rounds as asked for, compares all answers
cell by cell, and writes ``tests/benchmarks/MART_QUERIES.md``. Needs about 4 GB of disk and, for the seal, 6 GB of memory.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

import polars as pl

from tests.benchmarks.mart_queries_data import COUNTRIES, PRODUCTS, SEED, YEARS, write_years
from tests.benchmarks.mart_queries_side import KEYS
from tests.benchmarks.quiet import PATIENCE_SECONDS, Watch, settle, verdict
from tests.benchmarks.sides import Run, measured, median, spread, versions

PAGE = Path(__file__).parent / "MART_QUERIES.md"
SIDES = {
    "native": "Kettenwerk: fct_trade_flow of analyst.duckdb",
    "polars": "Polars, lazy and streaming, on Parquet",
    "duckdb": "DuckDB on Parquet",
}
STEPS = {
    "build": "the fact as the build has it, from Parquet",
    "seal": "the same sealed for analysts (ENUM codes, in order)",
}
WANTED_RATIO, TOLERANCE = 2.3, 1e-9


def run(side: str, work: Path, *more: str) -> Run:
    return measured([sys.executable, "-m", "tests.benchmarks.mart_queries_side", side, str(work), *more])


def gaps(work: Path) -> dict[str, float]:
    """Largest relative difference of any number of any answer between the native side and each other one."""
    found = dict.fromkeys(("polars", "duckdb"), 0.0)
    for query, key in KEYS.items():
        own = pl.read_parquet(work / f"native-{query}.parquet")
        for side in found:
            other = pl.read_parquet(work / f"{side}-{query}.parquet").select(own.columns)
            texts = [c for c in own.columns if own[c].dtype != pl.Float64]
            if not own.select(key, *(c for c in texts if c not in key)).equals(
                other.select(key, *(c for c in texts if c not in key))
            ):
                raise SystemExit(f"{query}: the rows of '{side}' are not those of the native side")
            for name in (c for c in own.columns if own[c].dtype == pl.Float64):
                if not own[name].is_null().equals(other[name].is_null()):
                    raise SystemExit(f"{query}: {name} is missing elsewhere in '{side}'")
                gap = ((own[name] - other[name]).abs() / own[name].abs().clip(1e-3)).drop_nulls().to_numpy()
                found[side] = max(found[side], float(gap.max(initial=0.0)))
    return found


def line(label: str, own: list[Run], queries: list[str]) -> str:
    """A side as a row."""
    each = [sorted(r.said["steps"][q] for r in own)[len(own) // 2] for q in queries]
    walls = [r.seconds for r in own]
    return (
        f"| {label} | {' | '.join(f'{s:.2f}' for s in each)} | {median(own):.2f} | {min(walls):.2f} to {max(walls):.2f} "
        f"| {median(own, 'cpu'):.1f} | {max(r.peak for r in own):,.0f} |"
    )


def page(facts: str, runs: dict[str, list[Run]], made: dict[str, Run], watch: Watch, found: dict[str, float]) -> str:
    """The result as a page; a ratio beside other work or with a wide spread is marked."""
    queries = list(KEYS)
    own = median(runs["native"])
    ratios = {side: median(runs[side]) / own for side in ("polars", "duckdb")}
    cpu = {side: median(runs[side], "cpu") / median(runs["native"], "cpu") for side in ratios}
    kept = "yes" if min(ratios.values()) >= WANTED_RATIO and max(found.values()) <= TOLERANCE else "NO"
    cost = sum(r.seconds for r in made.values())
    saved = min(median(runs[s]) for s in ratios) - own
    lines = [
        "# Mart queries on 45 million rows beside Polars and DuckDB on raw Parquet", "",
        f"{facts} {len(watch.shares)} interleaved rounds, every side in a fresh process, medians; memory is the most of all rounds. "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions(sys.executable, ['duckdb', 'polars', 'pyarrow'])}. "
        f"Share of the processors that others used in a round: {watch}. Written by `python -m tests.benchmarks.mart_queries`.", "",
        f"| side | {' s | '.join(queries)} s | all s | min to max s | CPU s | peak MB |", f"|{'---|' * (len(queries) + 5)}",
        *(line(SIDES[side], each, queries) for side, each in runs.items()), "",
        "| making the native table, once per release | s | CPU s | peak MB |", "|---|---|---|---|",
        *(f"| {STEPS[step]} | {r.seconds:.1f} | {r.cpu:.1f} | {r.peak:,.0f} |" for step, r in made.items()), "",
        "Q1: concentration of origins by year, importer and product. Q2: the EU's three dependency indicators by year and product. Q3: the "
        "three largest origins by importer and product in the newest year. Q4: imports by year, importer and product with the change on the "
        "year before. Every answer is whole in memory as Arrow. Both SQL sides ask alike; the native one also says source and vintage, as the table may hold others, and tests membership by list_contains (with IN an ENUM is compared as text). All rows and codes are equal; the largest relative difference of a number is "
        f"{max(found.values()):.1e}.", "",
        f"Wanted: at least {WANTED_RATIO} times faster than each, equal answers (to {TOLERANCE:g}). Found: {ratios['polars']:.2f} times Polars "
        f"({cpu['polars']:.2f} in CPU), {ratios['duckdb']:.2f} times DuckDB on Parquet ({cpu['duckdb']:.2f} in CPU). Kept: {kept}. Making the table cost "
        f"{cost:.0f} s, as much as {cost / saved:.0f} runs of the four queries save beside the faster peer.",
    ]  # fmt: skip
    widest = max(map(spread, runs.values()))
    return "\n".join([*lines, *([f"\n{doubt}"] if (doubt := verdict(watch, widest)) else [])]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=45_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="folder for the data, kept and used again; else a passing one")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for a quiet machine")
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mart-queries-benchmark-") as folder:
        work = asked.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        files = sorted(work.glob("trade-*.parquet"))
        if len(files) < len(YEARS):
            write_years(work, asked.rows)
            files = sorted(work.glob("trade-*.parquet"))
        made = {step: run(step, work) for step in STEPS}
        rows = pl.scan_parquet(files).select(pl.len()).collect().item()
        size = {f: sum(p.stat().st_size for p in work.glob(f)) / 1e6 for f in ("trade-*.parquet", "analyst.duckdb")}
        (work / "build.duckdb").unlink()
        facts = (
            f"{rows:,} invented rows, seed {SEED}: {len(YEARS)} years, {COUNTRIES} countries, {PRODUCTS:,} products; {size['trade-*.parquet']:,.0f} MB of "
            f"Parquet (zstd), {size['analyst.duckdb']:,.0f} MB as the warehouse's own table. {settle(asked.patience)}"
        )
        runs: dict[str, list[Run]] = {side: [] for side in SIDES}
        watch = Watch()
        for number in range(asked.rounds):
            with watch.watching():
                for side, own in runs.items():
                    own.append(run(side, work, *(["keep"] if number == 0 else [])))
                    print(
                        f"round {number + 1}: {side}: {own[-1].seconds:.1f} s, {own[-1].cpu:.1f} CPU s, {own[-1].peak:,.0f} MB",
                        flush=True,
                    )
        text = page(facts, runs, made, watch, gaps(work))
    asked.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
