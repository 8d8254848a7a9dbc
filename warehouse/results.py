"""Results of quality rules: one shape for the dock, dbt's tests and the audit, and their memory over runs.

Belongs here: the record, the evidence kept per run, and the rows of ``mart_dq_status``. Does not belong here: computing
a rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from warehouse.lake import SYSTEM_TABLES, write_system_table
from warehouse.paths import Lineage, write_text_atomically
from warehouse.release import now

REMEMBERED_RUNS = 30
FAILED = ("fail", "error")
# Rule, asset and severity of the statement that every row test of the build ran.
ROWS_TESTED = ("MRT-001", "workshop", "block")


@dataclass(frozen=True)
class Result:
    """Outcome of one rule on one asset. ``message`` is the sentence a person reads; it stays with the run's evidence."""

    rule_id: str
    asset_name: str
    severity_code: str
    outcome_code: str
    partition_key: str = ""
    observed_value: float | None = None
    expected_low: float | None = None
    expected_high: float | None = None
    failed_row_count: int | None = None
    sample_path: str | None = None
    message: str = ""
    checked_at: str = field(default_factory=lambda: now().isoformat())

    @property
    def blocks(self) -> bool:
        """Whether this result keeps a candidate from being published."""
        return self.severity_code == "block" and self.outcome_code in FAILED

    @property
    def warns(self) -> bool:
        """Whether this result is published as a warning."""
        return self.severity_code == "warn" and self.outcome_code in FAILED


@dataclass(frozen=True)
class Evidence:
    """What is kept of one run, whatever came of it."""

    run_id: str
    profile: str
    started_at: str
    ended_at: str
    outcome: str
    release_id: str | None
    error: str | None
    results: list[Result]

    def write(self, lineage: Lineage) -> None:
        """Keep the evidence as ``runs/<run_id>.json``."""
        write_text_atomically(
            lineage.runs / f"{self.run_id}.json", json.dumps(asdict(self), ensure_ascii=False, indent=1)
        )


def remembered(lineage: Lineage) -> list[dict[str, Any]]:
    """Evidence of the last runs, oldest first."""
    found = []
    for path in lineage.runs.glob("*.json"):
        try:
            evidence = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(evidence, dict) and {"run_id", "started_at", "results"} <= set(evidence):
            found.append(evidence)
    return sorted(found, key=lambda e: e["started_at"])[-REMEMBERED_RUNS:]


def status_rows(
    run_id: str, results: Iterable[Result], before: list[dict[str, Any]], published_run_id: str | None
) -> pl.DataFrame:
    """Results as rows of ``mart_dq_status``; ``first_failed_at`` is the start of an unbroken row of failures."""
    schema = SYSTEM_TABLES[("dq", "result")]
    rows = []
    for result in results:
        stamp = datetime.fromisoformat(result.checked_at).replace(tzinfo=None)
        row: dict[str, Any] = {k: v for k, v in asdict(result).items() if k in schema and k != "checked_at"} | {
            "run_id": run_id,
            "waiver_id": None,
            "checked_at": stamp,
            "published_run_id": published_run_id,
        }
        row["first_failed_at"] = _first_failed(result, before, stamp) if result.outcome_code in FAILED else None
        rows.append(row)
    frame = pl.DataFrame([[r.get(c) for c in schema] for r in rows], schema=schema, orient="row")
    return frame.unique(["run_id", "rule_id", "asset_name", "partition_key"], keep="last", maintain_order=True)


def _first_failed(result: Result, before: list[dict[str, Any]], stamp: datetime) -> datetime:
    first = stamp
    for evidence in reversed(before):
        same = [
            r for r in evidence["results"]
            if (r["rule_id"], r["asset_name"], r["partition_key"]) == (result.rule_id, result.asset_name, result.partition_key)
        ]  # fmt: skip
        if not same:
            continue
        if same[-1]["outcome_code"] not in FAILED:
            break
        first = datetime.fromisoformat(same[-1]["checked_at"]).replace(tzinfo=None)
    return first


def write_status_table(lineage: Lineage, published_run_id: str | None) -> None:
    """Give dbt the results of earlier runs; this run's own are written into the candidate when they are known."""
    before = remembered(lineage)
    frames = [
        status_rows(evidence["run_id"], [Result(**r) for r in evidence["results"]], before[:position], published_run_id)
        for position, evidence in enumerate(before)
    ]
    schema = SYSTEM_TABLES[("dq", "result")]
    write_system_table(lineage.lake, "dq", "result", pl.concat(frames) if frames else pl.DataFrame(schema=schema))
