"""The build: the environment dbt runs in and what its results say.

Belongs here: paths handed to dbt, and reading dbt's own results into ours. Does not belong here: running dbt
(``orchestration``) or the models (``dbt_project``).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection as Connection

from warehouse.files import quoted
from warehouse.results import ROWS_TESTED, Result
from warehouse.run import Run

PROJECT = Path(__file__).parent.parent / "dbt_project"
OFFLINE = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
SAMPLE_ROWS = 50
# Only columns of these kinds go into a file of failing rows: keys, codes and figures, never names or texts.
SHOWN = (
    "_code",
    "_count",
    "_pct",
    "_score",
    "_eur",
    "_usd",
    "_kg",
    "wave_id",
    "company_id",
    "year",
    "period_start",
    "value",
    "n_records",
)


def dbt_environment(run: Run) -> dict[str, str]:
    """Environment of a dbt process of this run."""
    return {
        "KETTENWERK_LAKE": str(run.lineage.lake),
        "KETTENWERK_BUILD_FILE": str(run.build_file),
        **OFFLINE,
    }


def enter(run: Run) -> None:
    """Set that environment in this process; dbt's process inherits it."""
    os.environ.update(dbt_environment(run))


def dbt_results(run: Run, target: Path) -> list[Result]:
    """Outcome of every row test and of every model that failed, by the rule id its YAML names.

    dbt's unit tests prove the models, not the data: they run with the project's tests, not with a refresh.
    """
    results_file, manifest_file = target / "run_results.json", target / "manifest.json"
    if not results_file.exists():
        return []
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    nodes: dict[str, Any] = manifest["nodes"]
    outcomes = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    ran = {outcome["unique_id"] for outcome in outcomes}
    missing = [n["name"] for key, n in nodes.items() if n["resource_type"] == "test" and key not in ran]
    found = [_all_tests_ran(missing)]
    relations = {
        n["name"]: n["relation_name"] for n in nodes.values() if n.get("relation_name") and n["resource_type"] != "test"
    }
    with _opened(run.build_file) as build:
        for outcome in outcomes:
            node = nodes.get(outcome["unique_id"])
            if node is None:
                continue
            if node["resource_type"] == "test":
                found.append(_unless_idle(_test_result(run, build, node, outcome), build, node, relations))
            elif outcome["status"] == "error":
                found.append(
                    Result("MRT-001", node["name"], "block", "error", partition_key="build",
                           message=f"model {node['name']} could not be built: {_short(outcome.get('message'))}")
                )  # fmt: skip
    return found


def _opened(build_file: Path) -> Connection:
    """The build to read; an empty one where dbt failed before it made any."""
    return duckdb.connect(str(build_file), read_only=True) if build_file.exists() else duckdb.connect()


def _all_tests_ran(missing: list[str]) -> Result:
    """A build whose row tests were left out is no build: the audit asks for this result."""
    message = f"{len(missing)} row tests did not run, first {missing[0]}" if missing else ""
    return Result(
        *ROWS_TESTED, "error" if missing else "pass", "all_tests_ran", failed_row_count=len(missing), message=message
    )


def row_counts(run: Run) -> dict[str, int]:
    """Rows of every table of a run's build."""
    if not run.build_file.exists():
        return {}
    with duckdb.connect(str(run.build_file), read_only=True) as connection:
        return dict(connection.execute("SELECT table_name, estimated_size FROM duckdb_tables()").fetchall())


def _test_result(run: Run, build: Connection, node: dict[str, Any], outcome: dict[str, Any]) -> Result:
    severity = "warn" if str(node["config"].get("severity", "error")).lower() == "warn" else "block"
    meta = {**(node.get("meta") or {}), **(node["config"].get("meta") or {})}
    # A limit is read from the region's settings; what a test is about is the model beside them.
    read = [name for name in node["depends_on"]["nodes"] if not name.endswith(".stg_region__setting")]
    attached = node.get("attached_node") or node.get("model") or (read or ["?"])[-1]
    codes = {"pass": "pass", "fail": "fail", "warn": "fail", "error": "error", "skipped": "skipped"}
    code = codes.get(outcome["status"], "error")
    failures = outcome.get("failures")
    sample = _sample(run, build, node, outcome) if code == "fail" else None
    return Result(
        rule_id=str(meta.get("rule_id", "MRT-001")),
        asset_name=attached.split(".")[-1],
        severity_code=severity,
        outcome_code=code,
        partition_key=node["name"][:120],
        observed_value=None if failures is None else float(failures),
        expected_low=0.0,
        expected_high=0.0,
        failed_row_count=failures,
        sample_path=sample,
        message=_sentence(node, outcome, code),
    )


def _unless_idle(result: Result, build: Connection, node: dict[str, Any], relations: dict[str, str]) -> Result:
    """A rule that passed because there was nothing to judge is skipped and says so, never green by silence.

    ``needs`` in a test's meta is the name of a model, with a condition where only some of its rows count.
    """
    needs = ((node["config"].get("meta") or {}).get("needs") or "").strip()
    if not needs or result.outcome_code != "pass":
        return result
    source = re.sub(r"\w+", lambda word: relations.get(word[0], word[0]), needs)
    if build.execute(f"SELECT 1 FROM {source} LIMIT 1").fetchall():
        return result
    return replace(result, outcome_code="skipped", message=f"nothing to look at: no rows in {' '.join(needs.split())}")


def _sentence(node: dict[str, Any], outcome: dict[str, Any], code: str) -> str:
    """What a person reads of a row test that did not pass."""
    if code == "pass":
        return ""
    if code == "fail" and outcome.get("failures"):
        return f"{outcome['failures']} rows break the rule '{node['name']}'"
    return f"{node['name']}: {_short(outcome.get('message')) or code}"


def _sample(run: Run, build: Connection, node: dict[str, Any], outcome: dict[str, Any]) -> str | None:
    """Keep up to 50 failing rows beside the run's evidence, without columns that may hold personal data.

    The rule is asked once more, as dbt had written it: to keep every rule's rows as a table made each refresh slower.
    """
    rule = outcome.get("compiled_code")
    if not rule:
        return None
    target = run.lineage.runs / run.run_id / f"{node['name'][:80]}.csv"
    try:
        columns = [d[0] for d in build.execute(f"SELECT * FROM (\n{rule}\n) LIMIT 0").description]
        kept = [f'"{c}"' for c in columns if c.endswith(SHOWN) and not c.startswith("register")]
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = f"SELECT {', '.join(kept) or '1'} FROM (\n{rule}\n) LIMIT {SAMPLE_ROWS}"
        build.execute(f"COPY ({rows}) TO {quoted(str(target))} (HEADER)")
    except duckdb.Error:
        return None
    return str(target.relative_to(run.lineage.root))


def empty_marts(run: Run, target: Path, without_delivery: set[str]) -> list[Result]:
    """Marts that came out empty, each with its reason; they are published empty, never filled.

    The reason is what the model's meta says under `empty_because`, else the sources that delivered nothing.
    """
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(run.build_file), read_only=True) as connection:
        marts = [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["fqn"][1] == "marts"]
        found = []
        for node in marts:
            [(rows,)] = connection.execute(f"SELECT count(*) FROM {node['relation_name']}").fetchall()
            missing = sorted(_sources_of(node["unique_id"], manifest["parent_map"]) & without_delivery)
            own = (node["config"].get("meta") or {}).get("empty_because")
            if rows == 0 and (own or missing):
                reason = own or f"no delivery of {', '.join(missing)}"
                found.append(
                    Result(
                        "MRT-002", node["alias"], "warn", "skipped", reason, 0.0, message=f"published empty: {reason}"
                    )
                )
    return found


def _sources_of(node: str, parents: dict[str, list[str]]) -> set[str]:
    """Names of the sources a node is made from, through any number of models."""
    found, queue, seen = set(), [node], {node}
    while queue:
        for parent in parents.get(queue.pop(), []):
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
                if parent.startswith("source."):
                    found.add(parent.split(".")[2])
    return found


def _short(message: str | None) -> str:
    return " ".join((message or "").split())[:300]
