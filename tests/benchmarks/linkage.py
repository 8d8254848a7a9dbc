"""Linkage of company records beside Splink, on one invented register and survey.

``python -m tests.benchmarks.linkage [--register 1000000] [--answers 20000] [--rounds 5]`` invents both tables, waits until
the machine is quiet, runs each side in a fresh process, one after the other, as many rounds as asked for, and writes
``tests/benchmarks/LINKAGE.md``. Splink runs in an environment of its own (``peers/splink.lock``), made beside the data.
Both sides read the same Parquet and import only what they need (``linkage_side.py``, ``peers/splink_side.py``); seconds, CPU
and memory are those of the whole process. Each side's own limit for F1 is chosen on a fifth of the answers and its quality
counted on the others.
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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from tests.benchmarks.linkage_data import invent
from tests.benchmarks.linkage_side import FEW
from tests.benchmarks.quiet import Watch, settle, verdict
from tests.benchmarks.sides import watched

HERE = Path(__file__).parent
PAGE = HERE / "LINKAGE.md"
OURS, MORE, PEER = "Kettenwerk, register prepared and linked", "Kettenwerk, 200 answers to the kept register", "Splink"
LIMIT_RATIO, LIMIT_MORE, LIMIT_PRECISION = 1 / 3, 1 / 20, 0.97


@dataclass(frozen=True)
class Run:
    """One side in one round: seconds and CPU seconds of the process, MB at most, and what it said of itself."""

    seconds: float
    cpu: float
    peak: float
    said: dict[str, Any]


def measured(name: str, work: Path, python: Path) -> Run:
    """A side in a fresh process, with the memory of all it starts."""
    commands = {
        OURS: [sys.executable, "-m", "tests.benchmarks.linkage_side", "ours", str(work)],
        MORE: [sys.executable, "-m", "tests.benchmarks.linkage_side", "more", str(work)],
        PEER: [str(python), str(HERE / "peers" / "splink_side.py"), str(work)],
    }
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said, peak = watched(commands[name])
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, peak, json.loads(said.splitlines()[-1]))


@dataclass(frozen=True)
class Quality:
    """Share of matches that are right, share of answers in the register that were found, and both together."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-12)


def quality(found: pl.DataFrame, truth: pl.DataFrame) -> Quality:
    """Of one best candidate an answer."""
    joined = truth.join(found.select("record_id", said="candidate_id"), on="record_id", how="left")
    right = joined.filter(pl.col("said") == pl.col("candidate_id")).height
    said, there = joined["said"].count(), truth["candidate_id"].count()
    return Quality(right / max(said, 1), right / max(there, 1))


def tuned(found: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, Quality]:
    """The limit that is best for F1 on a fifth of the answers, and the quality it gives on the others."""
    is_tuning = pl.col("record_id").str.slice(1).cast(pl.Int64) % 5 == 0
    limits = [*(p / 100 for p in range(5, 100, 5)), 0.97, 0.99, 0.995, 0.999, 0.9999]
    at = {limit: found.filter(pl.col("probability") >= limit) for limit in limits}
    best = max(limits, key=lambda limit: quality(at[limit], truth.filter(is_tuning)).f1)
    return best, quality(at[best], truth.filter(~is_tuning))


BINS = [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 0.9999]


def calibration(found: pl.DataFrame, truth: pl.DataFrame) -> list[str]:
    """Lines of a table: how often what was stated with a probability is right."""
    joined = found.rename({"candidate_id": "said"}).join(truth, on="record_id")
    joined = joined.with_columns(right=(pl.col("said") == pl.col("candidate_id")).fill_null(False))
    lines, automatic = [], joined["zone"] == "automatic"
    for low, high in zip([0.0, *BINS], [*BINS, 1.1], strict=True):
        inside = (joined["probability"] >= low) & (joined["probability"] < high)
        own, alone = joined.filter(inside), joined.filter(inside & automatic)
        if own.height:
            of_automatic = f"{alone.height:,} | {alone['right'].mean():.3f}" if alone.height else "0 | "
            lines.append(f"| {low:g} to {min(high, 1):g} | {own.height:,} | {own['probability'].mean():.4f} | {own['right'].mean():.3f} | {of_automatic} |")  # fmt: skip
    return lines


def environment(work: Path) -> Path:
    """Splink's own environment; gives its Python."""
    uv = Path(sys.executable).parent / "uv"
    venv = work / "splink"
    subprocess.run([str(uv), "venv", "--quiet", "--python", sys.executable, str(venv)], check=True, timeout=120)
    python = venv / "bin" / "python"
    lock = HERE / "peers" / "splink.lock"
    words = [
        str(uv),
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--require-hashes",
        "--python",
        str(python),
        "-r",
        str(lock),
    ]
    subprocess.run(words, check=True, timeout=600)
    return python


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--register", type=int, default=1_000_000)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        made = invent(arguments.register, arguments.answers)
        made.register.write_parquet(work / "register.parquet")
        made.answers.write_parquet(work / "answers.parquet")
        truth, python = made.truth, environment(work)
        del made
        settled, watch = settle(), Watch()
        runs: dict[str, list[Run]] = {OURS: [], MORE: [], PEER: []}
        for number in range(arguments.rounds):
            with watch.watching():
                for name, own in runs.items():
                    own.append(measured(name, work, python))
                    print(
                        f"round {number + 1}: {name}: {own[-1].seconds:.1f} s, {own[-1].cpu:.1f} CPU s, {own[-1].peak:,.0f} MB",
                        flush=True,
                    )
        found = {name: pl.read_parquet(work / f"{file}.parquet") for name, file in ((OURS, "ours"), (PEER, "splink"))}
        facts = f"{arguments.register:,} register rows, {arguments.answers:,} answers, four fifths of them in the register. {settled}"
        arguments.page.write_text(page(facts, runs, watch, found, truth, python), encoding="utf-8")
    print(arguments.page.read_text(encoding="utf-8"))


def page(
    facts: str,
    runs: dict[str, list[Run]],
    watch: Watch,
    found: dict[str, pl.DataFrame],
    truth: pl.DataFrame,
    python: Path,
) -> str:
    """The result as a page."""

    def median(name: str, what: str) -> float:
        return statistics.median(getattr(run, what) for run in runs[name])

    def spread(name: str) -> float:
        return (max(r.cpu for r in runs[name]) - min(r.cpu for r in runs[name])) / median(name, "cpu")

    peer = subprocess.run([str(python), "-c", "import splink, duckdb; print(f'splink {splink.__version__}, duckdb {duckdb.__version__}')"],
                          capture_output=True, text=True, check=True, timeout=120).stdout.strip()  # fmt: skip

    def work(name: str) -> float:
        return statistics.median(run.said["cpu"] for run in runs[name])

    costs = [
        f"| {name} | {median(name, 'seconds'):.1f} | {median(name, 'cpu'):.1f} | {work(name):.2f} | {spread(name):.0%} | {max(r.peak for r in own):,.0f} | {own[0].said['pairs']:,} |"
        for name, own in runs.items()
    ]
    best = {name: tuned(frame, truth) for name, frame in found.items()}
    automatic = quality(found[OURS].filter(pl.col("zone") == "automatic"), truth)
    kinds = [
        f"| {name}, p >= {limit:g} | {q.precision:.4f} | {q.recall:.4f} | {q.f1:.4f} |"
        for name, (limit, q) in best.items()
    ]
    kinds.append(
        f"| Kettenwerk, automatic matches | {automatic.precision:.4f} | {automatic.recall:.4f} | {automatic.f1:.4f} |"
    )
    ratio, memory = (
        median(OURS, "cpu") / median(PEER, "cpu"),
        max(r.peak for r in runs[OURS]) / max(r.peak for r in runs[PEER]),
    )
    lines = [
        "# Linkage of company records beside Splink", "",
        f"{facts} {len(watch.shares)} interleaved rounds, medians; memory is the most of all rounds. {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(f'{p} {version(p)}' for p in ('polars', 'numpy', 'rapidfuzz'))}; "
        f"{peer}. Share of the processors that others used in a round: {watch}. Written by `python -m tests.benchmarks.linkage`.", "",
        "| side | s | CPU s | of it work | spread of CPU | peak MB | pairs |", "|---|---|---|---|---|---|---|", *costs, "",
        "| quality | precision | recall | F1 |", "|---|---|---|---|", *kinds, "",
        "| stated probability | answers | stated | right | of them automatic | right |", "|---|---|---|---|---|---|", *calibration(found[OURS], truth), "",
        "Work is what is left without starting Python and importing. Of every answer the best candidate is counted. "
        "Pairs are those compared (Kettenwerk) and those above p = 0.01 (Splink). Each side's limit was chosen on a fifth of the "
        "answers, F1 is of the other four fifths; 'automatic' is of all answers. Splink's settings stand in `peers/splink_side.py`, "
        "ours in `warehouse/regions/default/linkage.yml`. Generator and method are by the same hands; the generator imports nothing of it.", "",
        f"Wanted: F1 at least Splink's, at most a third of its CPU and memory, {FEW} more answers for at most a twentieth of the whole, "
        f"automatic precision at least {LIMIT_PRECISION}. Found: F1 {best[OURS][1].f1:.4f} to {best[PEER][1].f1:.4f}, {ratio:.2f} of its CPU, "
        f"{memory:.2f} of its memory, {work(MORE) / work(OURS):.3f} of the whole (work), automatic precision {automatic.precision:.4f}.",
    ]  # fmt: skip
    lines += [doubt] if (doubt := verdict(watch, max(map(spread, (OURS, PEER))))) else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
