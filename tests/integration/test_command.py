"""The command: quick doors, clear words, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.integration.conftest import COMMAND, ROOT, Works
from warehouse.publish import writer

HEAVY = ("dagster", "dbt", "great_expectations", "matplotlib", "pandas", "polars")


@pytest.mark.parametrize("words", [["status"], ["sql", "SELECT 1"], ["releases"]])
def test_quick_doors_import_nothing_heavy(published: Works, words: list[str]) -> None:
    code = (
        "import sys\nfrom orchestration.cli import app\n"
        f"try:\n    app({words!r})\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY[:4]!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=published.environment, cwd=ROOT, timeout=60
    )
    assert done.stderr.strip().endswith("[]"), done.stderr


def test_status_says_what_is_served(published: Works) -> None:
    facts = json.loads(published.call("status", "--json", check=True).stdout)
    assert facts["served"]["release_id"] == published.lineage.current.resolve().name
    assert facts["served"]["since"]
    assert facts["served"]["warnings"] is not None
    text = published.call("status", check=True).stdout
    for word in ("Served", "Since", "Run", "Warnings", "Demodaten"):
        assert word in text
    [own] = [m for m in facts["served"]["backtest"] if m["model_code"] == "market_fit"]
    assert f"Back-test what was known in 2019 about 2024, score {own['score_version']}: AUC {own['auc']:.3f}" in text


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_sql_in_three_forms(published: Works, form: str) -> None:
    statement = "SELECT region_code, region_name FROM marts.dim_region WHERE region_code = 'DE'"
    out = published.call("sql", statement, "--format", form, check=True).stdout
    if form == "json":
        assert json.loads(out)[0]["region_code"] == "DE"
    elif form == "csv":
        assert out.splitlines()[0] == "region_code,region_name"
    else:
        assert "region_name" in out


def test_the_bi_schema_answers(published: Works) -> None:
    """Question 19 as it stands: the file and the schema share the name 'bi'."""
    statement = "SELECT kreis_ags, suppression_code FROM bi.bi_dependency WHERE wz2_code = 'TOTAL' LIMIT 3"
    assert len(json.loads(published.call("sql", statement, "--format", "json", check=True).stdout)) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sql", "SELECT * FROM nowhere"], "nowhere"),
        (["sql", "SELECT * FROM read_csv('/etc/passwd')"], "disabled"),
        (["sql", "COPY (SELECT 1) TO '/tmp/kettenwerk-must-not-exist.csv'"], "disabled"),
        (["sql", "CREATE TABLE marts.x AS SELECT 1"], "read-only"),
        (["sql", "SET enable_external_access = true"], "locked"),
        (["publish", "nothing"], "no candidate or release"),
        (["sql", "SELECT 1", "--profile", "real"], "nothing is published yet"),
        (["rollback", "--profile", "live"], "no earlier release"),
    ],
)
def test_bad_input_gets_one_message(published: Works, words: list[str], said: str) -> None:
    done = published.call(*words)
    assert done.returncode == 1
    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_arguments_end_with_two(published: Works) -> None:
    assert published.call("refresh", "--profile", "prod").returncode == 2
    assert published.call("nonsense").returncode == 2


def test_doctor_finds_everything_in_order(published: Works) -> None:
    done = published.call("doctor", "--json")
    findings = {f["name"]: f for f in json.loads(done.stdout)}
    assert findings["served"]["ok"], findings["served"]
    assert done.returncode == 0, [f for f in findings.values() if not f["ok"]]


def test_help_names_every_command() -> None:
    text = subprocess.run([str(COMMAND), "--help"], capture_output=True, text=True, timeout=60).stdout
    for word in ("refresh", "status", "publish", "rollback", "releases", "sql", "ui", "doctor"):
        assert word in text


@pytest.mark.parametrize("words", [["rollback"], ["refresh"]])
def test_a_second_writer_is_told_to_wait(works: Works, words: list[str]) -> None:
    before = works.served_bytes()
    with writer(works.lineage):
        done = works.call(*words)
    assert done.returncode == 1
    assert "profile sample: another refresh, publish or rollback of this profile is running" in done.stderr
    assert "BusyError" not in done.stderr and "Traceback" not in done.stderr
    assert works.served_bytes() == before
