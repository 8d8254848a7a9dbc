"""What dbt says of its row tests, as results of ours: passed, failed, or nothing to judge."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from warehouse.build import dbt_results, empty_marts
from warehouse.paths import Lineage
from warehouse.results import Result
from warehouse.run import Run

RULE = "select year, 'Muster GmbH' as company_name from flow where not is_new -- the last line may be a remark"
SETTING = "model.kettenwerk.stg_region__setting"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose build has one table of two rows, of which one is old."""
    made = Run(Lineage(tmp_path, "sample"), "r1")
    made.build_file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(made.build_file)) as connection:
        connection.execute(
            "CREATE TABLE flow AS SELECT * FROM (VALUES (2020, false), (2024, true)) AS t (year, is_new)"
        )
    return made


def judged(run: Run, target: Path, needs: str | None, status: str = "pass") -> Result:
    """The result of one row test with this need and this outcome."""
    meta = {"rule_id": "TRD-009"} | ({"needs": needs} if needs else {})
    test = {
        "name": "t", "resource_type": "test", "config": {"severity": "warn", "meta": meta},
        "depends_on": {"nodes": ["model.kettenwerk.flow", SETTING]},
    }  # fmt: skip
    flow = {"name": "flow", "resource_type": "model", "relation_name": '"main"."flow"'}
    target.mkdir(exist_ok=True)
    (target / "manifest.json").write_text(json.dumps({"nodes": {"test.t": test, "model.kettenwerk.flow": flow}}))
    outcome = {"unique_id": "test.t", "status": status, "failures": 0 if status == "pass" else 3, "compiled_code": RULE}
    (target / "run_results.json").write_text(json.dumps({"results": [outcome]}))
    [found] = [r for r in dbt_results(run, target) if r.rule_id == "TRD-009"]
    return found


@pytest.mark.parametrize("needs", [None, "flow", "flow where is_new", "flow where year = (select max(year) from flow)"])
def test_a_rule_that_judged_something_has_passed(run: Run, tmp_path: Path, needs: str | None) -> None:
    assert judged(run, tmp_path / "t", needs).outcome_code == "pass"


def test_a_rule_without_anything_to_judge_is_skipped_and_says_so(run: Run, tmp_path: Path) -> None:
    found = judged(run, tmp_path / "t", "flow where year > 2024")
    assert (found.outcome_code, found.severity_code) == ("skipped", "warn")
    assert found.message == "nothing to look at: no rows in flow where year > 2024"
    assert not found.warns and not found.blocks


def test_a_failure_is_never_skipped(run: Run, tmp_path: Path) -> None:
    assert judged(run, tmp_path / "t", "flow where year > 2024", "warn").outcome_code == "fail"


def test_a_result_names_the_model_and_not_the_limits(run: Run, tmp_path: Path) -> None:
    assert judged(run, tmp_path / "t", None).asset_name == "flow"


def test_failing_rows_are_kept_without_names(run: Run, tmp_path: Path) -> None:
    """Those dbt's own query finds, with columns that hold keys, codes and figures only."""
    found = judged(run, tmp_path / "t", None, "fail")
    assert found.sample_path
    assert (run.lineage.root / found.sample_path).read_text(encoding="utf-8").split() == ["year", "2020"]
    assert judged(run, tmp_path / "t", None).sample_path is None


def test_errors_are_told_where_no_build_was_made(tmp_path: Path) -> None:
    """dbt may fail before the file exists; its words must not be lost."""
    found = judged(Run(Lineage(tmp_path, "sample"), "r2"), tmp_path / "t", None, "error")
    assert found.outcome_code == "error" and found.sample_path is None


@pytest.mark.parametrize(
    ("own", "silent", "reason"),
    [
        ("no two years", {"flows"}, "no two years"),
        ("no two years", set(), "no two years"),
        (None, {"flows"}, "no delivery of flows"),
        (None, set(), None),
    ],
)
def test_an_empty_mart_says_why(
    run: Run, tmp_path: Path, own: str | None, silent: set[str], reason: str | None
) -> None:
    """Its own reason, else who delivered nothing; where everybody delivered and it has no reason of its own, nothing."""
    with duckdb.connect(str(run.build_file)) as connection:
        connection.execute("CREATE TABLE empty AS SELECT * FROM flow LIMIT 0")
    mart = {"name": "empty", "alias": "empty", "resource_type": "model", "unique_id": "model.k.empty", "relation_name": '"main"."empty"',
            "fqn": ["k", "marts", "meta", "empty"], "config": {"meta": {"empty_because": own} if own else {}}}  # fmt: skip
    manifest = {"nodes": {"model.k.empty": mart}, "parent_map": {"model.k.empty": ["source.k.flows.flow"]}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = empty_marts(run, tmp_path, silent)
    assert [(r.rule_id, r.partition_key, r.outcome_code) for r in found] == (
        [("MRT-002", reason, "skipped")] if reason else []
    )
