"""The product space beside the published packages, and beside the matrix products it cannot do without.

``python -m tests.benchmarks.complexity [--rounds 5] [--work FOLDER]`` invents exports of 230 locations in 5,000 and in
1,240 products, waits until the machine is quiet, runs every side in a fresh process, one after the other, as many rounds
as asked for, and writes ``tests/benchmarks/COMPLEXITY.md``. Every side reads the same rows from Parquet and writes its long
table as Parquet; seconds are those of that work, without starting Python and importing. The peers run in environments of
their own (``peers/*.lock``), made in the work folder where they are not there yet.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.complexity_data import SEED, invent, matrix, reference
from tests.benchmarks.quiet import PATIENCE_SECONDS, Watch, settle, verdict
from tests.benchmarks.sides import PEERS, Run, measured, median, peer_python, spread, versions

PAGE = Path(__file__).parent / "COMPLEXITY.md"
LOCATIONS, WIDE, NARROW = 230, 5000, 1240
EXACT_ERROR, FAST_ERROR = 1e-9, 1e-5
OURS, FAST = "Kettenwerk", "Kettenwerk, fast mode"
LIMIT, FAST_LIMIT = "three dgemm", "three sgemm"
# Peer: its module and the lock of its environment.
PEER_SIDES = {
    "economic-complexity": ("economic_complexity", "economic_complexity"),
    "ecomplexity": ("ecomplexity", "complexity"),
    "econcomplex": ("econcomplex", "complexity"),
}
SIDES = {
    WIDE: (OURS, FAST, "economic-complexity", LIMIT, FAST_LIMIT),
    NARROW: (OURS, FAST, "ecomplexity", "econcomplex"),
}
MODES = {OURS: "float64", FAST: "fast", LIMIT: "limit64", FAST_LIMIT: "limit32"}
# What the peers call it; where a convention differs, the column is not compared.
SHARED = {
    "economic-complexity": {"rca": "rca"},
    "econcomplex": {"rca": "rca"},
    "ecomplexity": {
        **{name: name for name in ("rca", "density", "eci", "pci")},
        "coi": "complexity_outlook_index",
        "cog": "complexity_outlook_gain",
    },
}
Runs = dict[int, dict[str, list[Run]]]


@dataclass(frozen=True)
class Wanted:
    """One ratio or limit asked for: what was found, and whether at least or at most."""

    text: str
    found: float
    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        kept = self.found >= self.bound if self.at_least else self.found <= self.bound
        word = "at least" if self.at_least else "at most"
        return f"| {self.text} | {word} {self.bound:g} | {self.found:.3g} | {'yes' if kept else 'NO'} |"


def command(name: str, width: int, work: Path, pythons: dict[str, Path]) -> list[str]:
    """How a side is started; its result is ``<side>-<products>.parquet``."""
    files = [str(work / f"exports-{width}.parquet"), str(result(name, width, work))]
    if name in PEER_SIDES:
        return [str(pythons[name]), str(PEERS / "product_space_side.py"), PEER_SIDES[name][0], *files]
    return [sys.executable, "-m", "tests.benchmarks.complexity_side", MODES[name], *files]


def result(name: str, width: int, work: Path) -> Path:
    return work / f"{MODES.get(name, name)}-{width}.parquet"


def difference(grid: pl.DataFrame, other: pl.DataFrame, columns: dict[str, str]) -> float:
    """Largest difference of the columns, cell by cell; ``columns``: name in other -> name in grid.

    A peer may leave out cells without exports. A cell that is lost otherwise, or empty where the other side has a number, is
    no small difference: it ends the run.
    """
    key = ["location_code", "product_code"]
    both = grid.select(*key, *columns.values()).join(
        other.select(*key, *(pl.col(c).alias(f"peer_{c}") for c in columns)), on=key
    )
    lost = grid.filter(pl.col("export_value_usd") > 0).join(other, on=key, how="anti").height
    if lost or both.height < other.height:
        raise SystemExit(f"{lost} cells with exports are lost, {other.height - both.height} are not known here")
    gaps = []
    for theirs, ours in columns.items():
        one, two = (both[name].cast(pl.Float64).fill_nan(None) for name in (ours, f"peer_{theirs}"))
        if not one.is_null().equals(two.is_null()):
            raise SystemExit(f"{theirs} is missing in other cells than {ours}")
        gaps.append(float(np.nanmax((one - two).abs().to_numpy())))
    return max(gaps)


def errors(work: Path) -> dict[str, float]:
    """Largest difference of each result from plain float64 matrices (ours) or from ours (peers)."""
    found = {}
    for width in (WIDE, NARROW):
        expected = reference(matrix(pl.read_parquet(work / f"exports-{width}.parquet")))
        for name in (OURS, FAST):
            got = pl.read_parquet(result(name, width, work)).sort("location_code", "product_code")
            gaps = [np.abs(got[c].to_numpy() - v.ravel()).max() for c, v in expected.items()]
            found[f"{name} {width}"] = float(max(gaps))
        ours = pl.read_parquet(result(OURS, width, work))
        for name in SIDES[width]:
            if name in SHARED:
                found[name] = difference(ours, pl.read_parquet(result(name, width, work)), SHARED[name])
    return found


def wanted(runs: Runs, gaps: dict[str, float]) -> list[Wanted]:
    """What is wanted of the methods, and what this run found."""

    def ratio(width: int, one: str, other: str) -> float:
        return median(runs[width][one]) / median(runs[width][other])

    def peak(name: str) -> float:
        return max(run.peak for run in runs[WIDE][name])

    return [
        Wanted("economic-complexity over Kettenwerk", ratio(WIDE, "economic-complexity", OURS), 8, at_least=True),
        Wanted("Kettenwerk over three dgemm", ratio(WIDE, OURS, LIMIT), 4),
        Wanted("Kettenwerk, peak MB", peak(OURS), 900),
        Wanted("Kettenwerk, largest error", max(gaps[f"{OURS} {w}"] for w in SIDES), EXACT_ERROR),
        Wanted("economic-complexity over the fast mode", ratio(WIDE, "economic-complexity", FAST), 12, at_least=True),
        Wanted("fast mode over three sgemm", ratio(WIDE, FAST, FAST_LIMIT), 4),
        Wanted("fast mode, peak MB", peak(FAST), 600),
        Wanted("fast mode, largest error", max(gaps[f"{FAST} {w}"] for w in SIDES), FAST_ERROR),
        Wanted("ecomplexity over Kettenwerk", ratio(NARROW, "ecomplexity", OURS), 8, at_least=True),
        Wanted("econcomplex over Kettenwerk", ratio(NARROW, "econcomplex", OURS), 25, at_least=True),
    ]


def line(name: str, own: list[Run]) -> str:
    """A side as a row: medians, spread, memory, and where the time went."""
    names = ("rows to matrix", "measures", "long table")
    steps = [
        sorted(run.said["steps"][n] for run in own)[len(own) // 2] if "steps" in own[0].said else None for n in names
    ]
    shown = " | ".join("" if s is None else f"{s:.3f}" for s in steps)
    walls = [run.seconds for run in own]
    return (
        f"| {name} | {median(own):.3f} | {min(walls):.3f} to {max(walls):.3f} | {median(own, 'cpu'):.2f} "
        f"| {max(run.peak for run in own):,.0f} | {shown} |"
    )


def page(facts: str, runs: Runs, watch: Watch, gaps: dict[str, float], pythons: dict[str, Path]) -> str:
    """The result as a page; a ratio beside other work or with a wide spread is marked."""
    head = ["| side | s | min to max s | CPU s | peak MB | rows to matrix | measures | long table |", "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    told = [f"{name}: {versions(pythons[name], [name, 'numpy', 'pandas'])}" for name in PEER_SIDES]
    lines = [
        "# The product space beside published packages and beside its limit", "",
        f"{facts} {len(watch.shares)} interleaved rounds, every side in a fresh process, medians; memory is the most of all rounds. "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions(sys.executable, ['numpy', 'scipy', 'polars'])}; "
        f"{'; '.join(told)}. Share of the processors that others used in a round: {watch}. Written by `python -m tests.benchmarks.complexity`.", "",
    ]  # fmt: skip
    for width, sides in runs.items():
        lines += [
            f"{LOCATIONS} locations, {width:,} products",
            "",
            *head,
            *(line(n, own) for n, own in sides.items()),
            "",
        ]
    lines += [
        "Every side reads the rows from Parquet and writes its long table as Parquet (zstd 1). `ecomplexity` runs without its check of "
        "log-supermodularity; `economic-complexity` has no COI, its ECI is by reflections and its COG is another form. The limit is M'M and "
        "two products of M with proximity, multiplied once before it is measured. Errors of Kettenwerk are the largest absolute "
        "difference of any measure in any cell from plain float64 matrices; the fast mode takes float32 from proximity on. Largest difference of what "
        f"is shared with the peers in this run: {', '.join(f'{n} {gaps[n]:.1e}' for n in SHARED)} (all six measures of `ecomplexity`, RCA of the others, "
        "whose conventions differ).", "",
        "| wanted | bound | found | kept |", "|---|---|---|---|", *map(str, wanted(runs, gaps)),
    ]  # fmt: skip
    widest = max(spread(own) for sides in runs.values() for own in sides.values())
    return "\n".join([*lines, *([f"\n{doubt}"] if (doubt := verdict(watch, widest)) else [])]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, help="folder for data and the peers' environments; else a passing one")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for a quiet machine")
    parser.add_argument("--page", type=Path, default=PAGE)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="complexity-benchmark-") as folder:
        work = asked.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        pythons = {name: peer_python(lock, work) for name, (_, lock) in PEER_SIDES.items()}
        rows = []
        for width in SIDES:
            exports = invent(LOCATIONS, width)
            exports.write_parquet(work / f"exports-{width}.parquet")
            rows.append(f"{LOCATIONS} x {width:,} with {exports.height:,} exports")
        facts = f"Invented exports, seed {SEED}: {' and '.join(rows)}. {settle(asked.patience)}"
        runs: Runs = {width: {name: [] for name in sides} for width, sides in SIDES.items()}
        watch = Watch()
        for number in range(asked.rounds):
            with watch.watching():
                for width, sides in runs.items():
                    for name, own in sides.items():
                        own.append(measured(command(name, width, work, pythons)))
                        print(
                            f"round {number + 1}: {width} {name}: {own[-1].seconds:.2f} s, {own[-1].peak:,.0f} MB",
                            flush=True,
                        )
        text = page(facts, runs, watch, errors(work), pythons)
    asked.page.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
