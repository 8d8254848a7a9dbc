"""The bulk road beside what plain Polars and plain DuckDB take to write Parquet from the same file without checks.

``python -m tests.benchmarks.bulk [--rows 4900000] [--flows 11000000] [--lines 5000000] [--rounds 5]`` invents a month of
Comext, a year of BACI and a register extract of true size, waits until the machine is quiet, runs every side in a fresh
process, one after the other, as many rounds as asked for, and writes ``tests/benchmarks/BULK.md``. Seconds are those of
the work; starting Python and importing are shown apart.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.quiet import PATIENCE_SECONDS, Watch, settle, verdict
from tests.benchmarks.sides import watched

PAGE = Path(__file__).parent / "BULK.md"
PERIOD = "202401"
BACI_YEAR = "BACI_HS17_Y2024_V202601.csv"
LIMIT_RATIO, LIMIT_MB = 1.15, 1000
OURS = "Kettenwerk: typed, checked, hashed, in order, synced"
PEERS = ("Polars: scan_csv, sink_parquet", "DuckDB: COPY from read_csv")
TUNED = "Polars with the settings of Kettenwerk (no quoting, zstd 1), no checks"
LANDING = "Kettenwerk: landing of the 7z, whole (unpack, check, hash, keep the bytes)"
YEAR = "Kettenwerk: landing of a BACI year, whole (unpadded, checked, hashed, keys compared, bytes kept)"
REGISTER = "Kettenwerk: register extract, bz2 JSON lines to Parquet"


@dataclass(frozen=True)
class Run:
    """One side in one round: seconds and CPU seconds of the work, seconds of the process, MB of all its processes."""

    seconds: float
    cpu: float
    process: float
    peak: float
    size: float


def side(name: str, work: Path) -> tuple[Callable[[], None], Path | None]:
    """The work of a side, everything imported, and the file it makes."""
    import polars as pl

    from ingest.delivery import Delivery
    from ingest.readers import Place, Reading
    from ingest.registry import sources
    from warehouse.region import Region

    month, out = work / f"full_{PERIOD}.dat", work / "out" / "table.parquet"
    comext = sources()["comext"]
    types = {c.delivered_as: c.dtype for c in comext.tables["flow"].columns}
    if name == OURS:
        from ingest.bulk.csv import stream_csv

        reading = Reading(Delivery(comext, "flow", month, PERIOD, None, "inbox"), Region.load("maerkische_region"))
        place = Place("comext-flow-0123456789abcdef", {"flow": out}, work / "out" / "rejects.parquet", work / "scratch")
        return lambda: void(stream_csv(reading, month, place)), out
    if name == PEERS[0]:
        return lambda: pl.scan_csv(month, schema=types).sink_parquet(out), out
    if name == TUNED:
        scan = pl.scan_csv(month, schema=types, quote_char=None)
        return lambda: scan.sink_parquet(out, compression_level=1), out
    if name == PEERS[1]:
        import duckdb

        columns = {h: "DOUBLE" if t == pl.Float64 else "VARCHAR" for h, t in types.items()}
        query = f"COPY (FROM read_csv('{month}', header = true, auto_detect = false, delim = ',', columns = {columns})) TO '{out}'"
        return lambda: void(duckdb.connect().execute(query)), out
    if name.startswith("unpack: "):
        return unpacking(name.removeprefix("unpack: "), work), work / "out" / month.name
    return landing(name, work), None


def void(_: object) -> None:
    """Nothing of a result is wanted."""


def unpacking(tool: str, work: Path) -> Callable[[], None]:
    import py7zr

    from ingest.bulk.archive import extract

    archive, member = work / f"full_v2_{PERIOD}.7z", f"full_{PERIOD}.dat"
    if tool == "py7zr":
        return lambda: py7zr.SevenZipFile(archive).extract(path=work / "out", targets=[member])
    return lambda: void(extract(archive, member, work / "out", tool))


def landing(name: str, work: Path) -> Callable[[], None]:
    """A whole landing into an empty lineage."""
    from ingest.delivery import Delivery
    from ingest.registry import sources
    from ingest.snapshot import land, sweep
    from warehouse.paths import Lineage
    from warehouse.region import Region

    source_id, dataset, file, partition = {
        LANDING: ("comext", "flow", f"full_v2_{PERIOD}.7z", PERIOD),
        YEAR: ("baci", "flow", BACI_YEAR, "HS17_Y2024"),
        REGISTER: ("offeneregister", "company", "register.jsonl.bz2", ""),
    }[name]
    lineage = Lineage(work / "out" / "home", "sample")
    lineage.prepare()
    sweep(lineage, sources()[source_id])
    delivery = Delivery(sources()[source_id], dataset, work / file, partition, None, "inbox")
    return lambda: void(land(delivery, lineage, Region.load("maerkische_region"), True))


def in_this_process(name: str, work: Path) -> None:
    """Do a side's work and say what it took."""
    do, made = side(name, work)

    def spent() -> float:
        both = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return sum(r.ru_utime + r.ru_stime for r in both)

    cpu, started = spent(), time.perf_counter()
    do()
    seconds = time.perf_counter() - started
    size = made.stat().st_size / 1e6 if made else 0.0
    print(json.dumps({"seconds": seconds, "cpu": spent() - cpu, "peak": own_peak(), "size": size}))


def own_peak() -> float:
    """Most memory this process held, in MB. Not ``ru_maxrss``: that survives exec and begins with the parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024


def measured(name: str, work: Path) -> Run:
    """A side in a fresh process, with the memory of all it starts."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    os.sync()
    started = time.perf_counter()
    command = [sys.executable, "-m", "tests.benchmarks.bulk", "--side", name, "--work", str(work)]
    said, peak = watched(command)
    found = json.loads(said.splitlines()[-1])
    return Run(found["seconds"], found["cpu"], time.perf_counter() - started, max(peak, found["peak"]), found["size"])


def prepare(work: Path, rows: int, flows: int, lines: int) -> str:
    """Invent the files; a sentence says what they are."""
    import py7zr

    from ingest.sample.bulk import write_month, write_register, write_year

    month, archive, register = work / f"full_{PERIOD}.dat", work / f"full_v2_{PERIOD}.7z", work / "register.jsonl.bz2"
    year = work / BACI_YEAR
    write_month(month, PERIOD, rows)
    with py7zr.SevenZipFile(archive, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as made:
        made.write(month, month.name)
    if flows:
        write_year(year, 2024, flows)
    if lines:
        write_register(register, lines)
    mb = {p: f"{p.stat().st_size / 1e6:,.0f} MB" for p in (month, archive, year, register) if p.exists()}
    return "".join(
        [
            f"A month of {rows:,} rows and 18 columns ({mb[month]}; as 7z at its lowest level {mb[archive]})",
            f", a BACI year of {flows:,} flows ({mb[year]})" if flows else "",
            f", {lines:,} register entries ({mb[register]} packed)" if lines else "",
            ".",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_900_000)
    parser.add_argument("--flows", type=int, default=11_000_000)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for a quiet machine")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--side")
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    if asked.side:
        return in_this_process(asked.side, asked.work)
    with tempfile.TemporaryDirectory(prefix="bulk-benchmark-") as folder:
        work = Path(folder)
        facts = prepare(work, asked.rows, asked.flows, asked.lines)
        from ingest.bulk.archive import TOOLS

        tools = ["py7zr", *(t for t in TOOLS if shutil.which(t))]
        names = [OURS, *PEERS, TUNED, *(f"unpack: {t}" for t in tools), LANDING]
        runs: dict[str, list[Run]] = {name: [] for name in names}
        # What was just written is on the disk, and every side ran once uncounted: no round pays for writing back or for
        # a first reading.
        os.sync()
        for name in (OURS, *PEERS):
            measured(name, work)
        before, watch = settle(asked.patience), Watch()
        for _ in range(asked.rounds):
            with watch.watching():
                for name in names:
                    runs[name].append(measured(name, work))
        for name, is_asked in ((YEAR, asked.flows), (REGISTER, asked.lines)):
            runs |= {name: [measured(name, work)]} if is_asked else {}
        missing = [t for t in TOOLS if t not in tools]
    text = page(f"{facts} {before}", runs, watch, missing)
    print(text)
    asked.page.write_text(text, encoding="utf-8")


def page(facts: str, runs: dict[str, list[Run]], watch: Watch, missing: list[str]) -> str:
    """The result as a page; a ratio beside other work or with a wide spread is marked."""

    def median(name: str, what: str) -> float:
        return statistics.median(getattr(r, what) for r in runs[name])

    base = min(median(peer, "seconds") for peer in PEERS)
    base_cpu = min(median(peer, "cpu") for peer in PEERS)
    rows = []
    for name, own in runs.items():
        walls = [r.seconds for r in own]
        ratio = f"{median(name, 'seconds') / base:.2f}" if name in (OURS, *PEERS, TUNED) else ""
        rows.append(
            f"| {name} | {median(name, 'seconds'):.2f} | {min(walls):.2f} to {max(walls):.2f} | {ratio} | {median(name, 'cpu'):.2f} "
            f"| {median(name, 'process'):.2f} | {max(r.peak for r in own):,.0f} | {median(name, 'size'):,.0f} |"
        )  # fmt: skip
    spread = max((max(r.seconds for r in runs[n]) - min(r.seconds for r in runs[n])) / median(n, "seconds") for n in (OURS, *PEERS))  # fmt: skip
    ratio, cpu_ratio = median(OURS, "seconds") / base, median(OURS, "cpu") / base_cpu
    ours_peak = max(r.peak for name in (OURS, LANDING, YEAR, REGISTER) for r in runs.get(name, []))
    packages = ", ".join(f"{p} {version(p)}" for p in ("polars", "duckdb", "numpy", "pyarrow", "py7zr"))
    lines = [
        "# The bulk road beside plain Polars and plain DuckDB",
        "",
        f"{facts} {len(watch.shares)} interleaved rounds after one uncounted, every side in a fresh process, medians; year and register once. "
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}. Share of the "
        f"processors that others used in a round: {watch}. Written by `python -m tests.benchmarks.bulk`.",
        "",
        "| side | s | min to max s | ratio | CPU s | process s | peak MB | MB made |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "Seconds, CPU and ratio are of the work; starting Python and importing come on top in 'process'. The ratio is to the "
        "better of the two plain sides as they come. Peak memory counts all processes of a side, pages of mapped files included.",
        "",
        f"Wanted: at most {LIMIT_RATIO} times the better plain side, under {LIMIT_MB:,} MB. Found: {ratio:.2f} times its time, "
        f"{cpu_ratio:.2f} times its CPU, at most {ours_peak:,.0f} MB. Tools to unpack not on this machine: {', '.join(missing) or 'none'}.",
    ]  # fmt: skip
    lines += [doubt] if (doubt := verdict(watch, spread)) else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
