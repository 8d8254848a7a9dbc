"""What the command prints: progress, the summary of a refresh, status, tables.

Belongs here: words and layout. Does not belong here: facts; it is given them.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from rich import progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from warehouse.methods.backtest_models import BASELINES, SCORED_MODEL
from warehouse.steps import Step

out = Console(highlight=False)
err = Console(file=sys.stderr, highlight=False)
ROOMS = {
    "works": "Werk",
    "dock": "Dock",
    "vault": "Vault",
    "workshop": "Workshop",
    "seal": "Seal",
    "court": "Court",
    "gallery": "Gallery",
}
SHOWN_STEPS = {"start", "parse", "source", "identified", "built", "audience", "sealed", "audited", "certified", "published",
               "recovered", "sample", "planned", "fetched", "unchanged", "again"}  # fmt: skip
COUNT_EVERY_SECONDS = 4.0


class Progress:
    """Shows what a refresh is doing: a line per step, the models and tests counted while they come.

    On a terminal a moving line tells the present step too.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.started = self.counted_at = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.bars: BytesOnTheWay | None = None
        self.status = None if quiet or not err.is_terminal else err.status("starting")
        if self.status:
            self.status.start()

    def __call__(self, event: Step) -> None:
        if self.quiet:
            return
        room, text = ROOMS.get(event.room, event.room), event.message or event.name
        if event.name == "bytes":
            self._bytes(room, event)
            return
        if self.bars and event.name in ("fetched", "unchanged"):
            self._end_bars()
        if self.status:
            self.status.update(f"{room}: {text}")
        if event.name in ("model", "test"):
            self._count(room, event.name)
        elif event.name == "built":
            self._line(room, f"{self.counts['model']} models built, {event.facts.get('tests', 0)} tests ran")
        elif event.name in SHOWN_STEPS:
            self._line(room, text)

    def _count(self, room: str, kind: str) -> None:
        self.counts[kind] += 1
        if time.monotonic() - self.counted_at > COUNT_EVERY_SECONDS:
            self.counted_at = time.monotonic()
            self._line(room, f"{self.counts['model']} models, {self.counts['test']} tests so far")

    def _bytes(self, room: str, event: Step) -> None:
        """A bar with bytes and rate on a terminal, else a line every few seconds."""
        done, total = cast(int, event.facts["done"]), cast("int | None", event.facts["total"])
        if self.status:
            self.status.stop()
            self.bars = self.bars or BytesOnTheWay()
            self.bars.show(event.message, done, total)
        elif time.monotonic() - self.counted_at > COUNT_EVERY_SECONDS:
            self.counted_at = time.monotonic()
            self._line(room, f"{event.message}: {done:,} of {f'{total:,}' if total else '?'} bytes")

    def _end_bars(self) -> None:
        if self.bars:
            self.bars.stop()
            self.bars = None
        if self.status:
            self.status.start()

    def _line(self, room: str, text: str) -> None:
        err.print(f"[dim]{time.monotonic() - self.started:6.1f} s[/dim]  {room:<9} ", end="")
        err.print(text, markup=False, soft_wrap=True)

    def stop(self) -> None:
        """End what moves."""
        if self.bars:
            self.bars.stop()
        if self.status:
            self.status.stop()


class BytesOnTheWay:
    """Bars of downloads: bytes, rate and the time left."""

    def __init__(self) -> None:
        self.progress = progress.Progress(
            "{task.description}",
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=err,
            transient=True,
        )
        self.tasks: dict[str, progress.TaskID] = {}
        self.progress.start()

    def show(self, name: str, done: int, total: int | None) -> None:
        """Move the bar of one file."""
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(name, total=total)
        self.progress.update(self.tasks[name], completed=done, total=total)

    def stop(self) -> None:
        """Take the bars away."""
        self.progress.stop()


def plain(value: Any) -> Any:
    """A value JSON can hold; NaN and infinity have no form there and become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, datetime | date) else value


def as_json(value: Any) -> None:
    """Print JSON and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def rows(names: Sequence[str], data: Sequence[Sequence[Any]], form: str) -> None:
    """Print a result as table, CSV or JSON."""
    if form == "json":
        as_json([{n: plain(v) for n, v in zip(names, row, strict=True)} for row in data])
    elif form == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([["" if v is None else plain(v) for v in row] for row in data])
        sys.stdout.write(buffer.getvalue())
    else:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in names:
            table.add_column(escape(name), overflow="fold")
        for row in data:
            table.add_row(
                *["NULL" if v is None else f"{v:,.4g}" if isinstance(v, float) else escape(str(v)) for v in row]
            )
        out.print(table)
        out.print(f"[dim]{len(data)} row{'s' if len(data) != 1 else ''}[/dim]")


def problem(message: str) -> None:
    """Print an error a user can act on."""
    err.print("[red]Error:[/red] ", end="")
    err.print(message, markup=False, soft_wrap=True)


def failure(evidence: dict[str, Any], served: dict[str, Any] | None) -> None:
    """What failed, why, which rows, what is still served, what to do."""
    err.print("\n[red bold]Nothing was published.[/red bold]")
    blocking = [
        r for r in evidence["results"] if r["severity_code"] == "block" and r["outcome_code"] in ("fail", "error")
    ]
    for result in blocking[:10]:
        err.print(f"[bold]{result['rule_id']}[/bold] {result['asset_name']}: ", end="")
        err.print(result["message"] or result["partition_key"], markup=False, soft_wrap=True)
        facts = []
        if result["observed_value"] is not None:
            bounds = [b for b in (result["expected_low"], result["expected_high"]) if b is not None]
            facts.append(f"observed {result['observed_value']:.6g}" + (f", limit {bounds[-1]:.6g}" if bounds else ""))
        if result["failed_row_count"]:
            facts.append(f"{result['failed_row_count']} rows")
        if result["sample_path"]:
            facts.append(f"rows in {result['sample_path']}")
        if facts:
            err.print(f"    [dim]{'; '.join(facts)}[/dim]", soft_wrap=True)
    if len(blocking) > 10:
        err.print(f"  and {len(blocking) - 10} more, in runs/{evidence['run_id']}.json")
    if not blocking:
        err.print(evidence.get("error") or "the run ended early", markup=False, soft_wrap=True)
    if served:
        err.print(f"Still served: {served['release_id']} (since {served['since']}), unchanged.")
    else:
        err.print("Nothing was published before, so nothing is served yet.")
    # A run that did not begin (another one held the place) named its own remedy and left no evidence.
    if evidence["results"]:
        err.print("What to do: correct the cause named above and call 'kettenwerk refresh' again; the evidence is in "
                  f"runs/{evidence['run_id']}.json.", soft_wrap=True)  # fmt: skip


def backtest(models: list[dict[str, Any]]) -> str:
    """The newest back-test in one line: the score's model, and beside each figure the better naive model's."""
    own = next((m for m in models if m["model_code"] == SCORED_MODEL), None)
    naive = [m for m in models if m["model_code"] in BASELINES]
    if own is None or not naive:
        return "none: no edition of world trade holds two years five years apart"
    figures = []
    for name, measure in (("AUC", "auc"), ("precision at 20", "precision_at_20")):
        best = max(naive, key=lambda m: m[measure] or 0.0)
        figures.append(f"{name} {own[measure]:.3f} (naive, by {best['model_code']}: {best[measure]:.3f})")
    return (
        f"what was known in {own['train_until_year']} about {own['test_until_year']}, score {own['score_version']}: "
        f"{', '.join(figures)}, calibration error {own['calibration_error']:.3f}, {own['case_count']:,} cases"
    )


def counts(results: list[dict[str, Any]]) -> str:
    """Checks by outcome in words."""
    outcome = Counter(r["outcome_code"] for r in results)
    warned = sum(r["severity_code"] == "warn" and r["outcome_code"] in ("fail", "error") for r in results)
    return f"{outcome['pass']} passed, {warned} warned, {outcome['skipped']} had nothing to look at"
