"""The audit: every suite on the sealed candidate, read-only, and the certificate that comes of it.

Belongs here: running checks and drawing the verdict. Does not belong here: the rules (``suites``) or publishing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import great_expectations.expectations as gxe
import polars as pl
from great_expectations.expectations.expectation import Expectation

from quality.batches import Context
from quality.check import Check
from quality.moved import moved
from quality.suites import content, disclosure, foresight, reconciliation, volume
from warehouse.certificate import Certificate, write_certificate
from warehouse.compare import compare, write_changes
from warehouse.paths import Lineage, write_text_atomically
from warehouse.privacy.company_records import SURVEYS
from warehouse.region import Region
from warehouse.release import AUDIT, MANIFEST, Manifest, current_release, file_sha256, now
from warehouse.results import ROWS_TESTED, Result, remembered, status_rows
from warehouse.seal import stamp
from warehouse.steps import step

SUITES = {
    "volume": volume,
    "reconciliation": reconciliation,
    "content": content,
    "foresight": foresight,
    "disclosure": disclosure,
}
SHOWN_ROWS = 5
# A shorter name would be found inside ordinary words.
SHORTEST_NAME = 8
Validate = Callable[[pl.DataFrame, Expectation], object]


def audit(
    lineage: Lineage, candidate: Path, region: Region, earlier: list[Result]
) -> tuple[Certificate, dict[str, list[Result]]]:
    """Audit a candidate, write the results into it and sign the verdict; also returns the results by suite.

    Args:
        lineage: the profile.
        candidate: folder of a sealed candidate.
        region: gives the limits.
        earlier: results of the dock and of dbt's tests in the same run; one that blocks fails the audit too.
    """
    manifest = Manifest.read(candidate)
    served = current_release(lineage)
    changes = compare(candidate, served)
    write_changes(candidate, changes)
    context = Context(
        candidate,
        served,
        changes,
        region.gates(lineage.profile),
        manifest.is_synthetic,
        smallest_cell=int(region.privacy["k"]),
        company_names=company_names(lineage),
        moved=moved(lineage, candidate, served, int(region.privacy["k"])),
    )
    by_suite = run_checks(context)
    found = [result for results in by_suite.values() for result in results]
    results = [*earlier, *found]
    if not any((r.rule_id, r.asset_name) == ROWS_TESTED[:2] for r in earlier):
        results.append(Result(*ROWS_TESTED, "error", "all_tests_ran", message="no row test ran on this build"))
    blocked = sorted({r.rule_id for r in results if r.blocks})
    warned = sorted({r.rule_id for r in results if r.warns})
    step("court", "audited", f"{len(found)} expectations, {len(blocked)} rules block, {len(warned)} warn")
    write_text_atomically(
        candidate / AUDIT, json.dumps([asdict(r) for r in results], ensure_ascii=False, indent=1) + "\n"
    )
    rows = status_rows(manifest.run_id, results, remembered(lineage), manifest.run_id)
    stamp(lineage, candidate, rows, replaces=served.name if served else None, reason="refresh", warnings=warned)
    certificate = Certificate(
        release_id=manifest.release_id,
        fingerprint=manifest.fingerprint,
        manifest_sha256=file_sha256(candidate / MANIFEST),
        run_id=manifest.run_id,
        outcome="failed" if blocked else "passed",
        audited_at=now().isoformat(),
        rule_count=len(results),
        blocked_by=blocked,
        warned_by=warned,
    )
    write_certificate(lineage, candidate, certificate)
    step("court", "certified", f"certificate: {certificate.outcome}")
    return certificate, by_suite


def company_names(lineage: Lineage) -> frozenset[str]:
    """Every name a survey delivery holds, for the scan of what is published; it is kept in memory only."""
    found: set[str | None] = set()
    for tool in SURVEYS:
        answers = pl.scan_parquet(lineage.lake / tool / "answer" / "*.parquet")
        named = pl.col("question_concept_id").is_in(["LEGAL_NAME", "SUP_NAME"])
        found |= set(answers.filter(named).select(pl.col("raw_value").str.strip_chars()).collect()["raw_value"])
    return frozenset(name for name in found if name and len(name) >= SHORTEST_NAME)


def run_checks(context: Context) -> dict[str, list[Result]]:
    """Every expectation of every suite on the candidate."""
    session = gx.get_context(mode="ephemeral")
    session.variables.progress_bars = {"globally": False}  # pyright: ignore[reportAttributeAccessIssue]
    batches = session.data_sources.add_pandas("candidate").add_dataframe_asset("frame")
    definition = batches.add_batch_definition_whole_dataframe("whole")

    def validate(frame: pl.DataFrame, expectation: Expectation) -> object:
        return definition.get_batch({"dataframe": frame.to_pandas()}).validate(expectation)

    filled = {
        t for tables in Manifest.read(context.candidate).tables.values() for t, facts in tables.items() if facts.rows
    }
    frames: dict[object, pl.DataFrame] = {}
    return {
        name: [_run(check, context, filled, frames, validate) for check in suite.checks(context)]
        for name, suite in SUITES.items()
    }


def _run(
    check: Check, context: Context, filled: set[str], frames: dict[object, pl.DataFrame], validate: Validate
) -> Result:
    """One check; frames that several checks share are read once."""
    if not filled.issuperset(check.needs):
        return _skipped(check)
    if check.frame not in frames:
        frames[check.frame] = check.frame(context)
    frame = frames[check.frame]
    if frame.is_empty() and not isinstance(check.expectation, gxe.ExpectTableRowCountToEqual):
        return _skipped(check)
    return _judge(check, frame, validate(frame, check.expectation))


def _skipped(check: Check) -> Result:
    return Result(
        check.rule_id, check.asset_name, check.severity, "skipped", check.partition_key, message="nothing to look at"
    )


def _judge(check: Check, frame: pl.DataFrame, verdict: object) -> Result:
    """One expectation's verdict as a result. An exception inside the expectation is an error, never a pass."""
    raised = _raised(getattr(verdict, "exception_info", None))
    success = bool(getattr(verdict, "success", False)) and not raised
    details = getattr(verdict, "result", None) or {}
    observed = check.observed(frame) if check.observed else None
    failed = details.get("unexpected_count")
    message = ""
    if raised:
        message = f"the expectation could not be computed: {raised}"
    elif not success:
        message = check.explain.replace("{worst}", _worst(frame, details))
    return Result(
        rule_id=check.rule_id,
        asset_name=check.asset_name,
        severity_code=check.severity,
        outcome_code="error" if raised else "pass" if success else "fail",
        partition_key=check.partition_key,
        observed_value=None if observed is None else float(observed),
        expected_low=check.low,
        expected_high=check.high,
        failed_row_count=None if failed is None else int(failed),
        message=message,
    )


def _raised(info: object) -> str:
    """Text of an exception inside an expectation, in either of the shapes Great Expectations gives."""
    if not isinstance(info, dict):
        return ""
    if info.get("raised_exception"):
        return str(info.get("exception_message"))
    inner = [v for v in info.values() if isinstance(v, dict) and v.get("raised_exception")]
    return str(inner[0].get("exception_message")) if inner else ""


def _worst(frame: pl.DataFrame, details: dict[str, object]) -> str:
    """The first rows that broke an expectation, as short text."""
    positions = details.get("unexpected_index_list") or details.get("partial_unexpected_index_list")
    chosen = (
        frame[[int(p) for p in positions[:SHOWN_ROWS]]]
        if isinstance(positions, list) and positions
        else frame.head(SHOWN_ROWS)
    )
    shown = [
        ", ".join(f"{k} {_short(v)}" for k, v in row.items() if v is not None) for row in chosen.iter_rows(named=True)
    ]
    return "; ".join(shown)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
