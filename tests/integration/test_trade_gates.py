"""Trade that cannot be right: every rule fails for its own reason, blocks or warns, and lists the rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.integration.conftest import Works
from warehouse.build import OFFLINE, PROJECT

SPRING = "732020"  # a product of the sample that Germany exports every month
FLOW = "marts.fct_trade_flow"
TRADE = "intermediate.int_trade__"
COMEXT = "FROM marts.fct_trade_flow WHERE source_id = 'comext' LIMIT 1"

# Rule, test that must fail, and what is done to a good build.
BREAKS = [
    ("TRD-001", "unique_key_fct_trade_flow", f"INSERT INTO {FLOW} SELECT * {COMEXT}"),
    ("TRD-002", "fct_trade_flow_cn_code_is_in_its_year", "INSERT INTO intermediate.int_classification__code VALUES ('CN2024', '01012100', 8, 'Horses')"),
    ("TRD-003", "countries_exist_at_the_date", f"INSERT INTO {FLOW} SELECT * REPLACE ('XI' AS partner_code, DATE '2020-12-01' AS period_start) {COMEXT}"),
    ("TRD-003", "countries_exist_at_the_date", f"INSERT INTO {FLOW} SELECT * REPLACE ('XU' AS partner_code) FROM {FLOW} WHERE partner_code = 'GB' AND source_id = 'comext' LIMIT 1"),
    ("TRD-004", "little_of_a_month_has_neither_mass_nor_unit", f"UPDATE {TRADE}month SET weightless_value_pct = 1.1 WHERE reporter_code = 'DE'"),
    ("TRD-004", "dear_goods_have_a_quantity", f"INSERT INTO {FLOW} SELECT * REPLACE (0 AS net_mass_kg, NULL AS supplementary_unit_code, 2e5 AS value_eur, 'none' AS confidentiality_code) {COMEXT}"),
    ("TRD-005", "comtrade_chapters_hold_their_codes", f"DROP VIEW {TRADE}comtrade; CREATE TABLE {TRADE}comtrade AS SELECT 'DE' AS reporter_code, 'US' AS partner_code, 'import' AS flow_code, 2023 AS year, 'HS2022' AS classification_code, length(p) AS product_level, p AS product_code, v AS value_usd, true AS is_latest_vintage FROM (VALUES ('73', 100.0), ('7318', 60.0), ('7320', 41.0)) AS t (p, v)"),
    ("TRD-006", "secrets_of_a_chapter_stay_few", f"UPDATE {TRADE}chapter SET secret_change_points = 5, value = 1e6 WHERE chapter_code = '73' AND source_id = 'comext'"),
    ("TRD-007", "a_chapter_stays_close_to_its_vintage_before", f"INSERT INTO {TRADE}revision SELECT * FROM (VALUES ('DE', 'export', 'month', DATE '2024-08-01', '73', 'v2', true, 1.2, 1.0, 20.0))"),
    ("TRD-008", "revised_flows_stay_close", f"CREATE TABLE main.kept AS SELECT * FROM {TRADE}comext WHERE product_code = '73202020'; DROP VIEW {TRADE}comext; CREATE TABLE {TRADE}comext AS SELECT * FROM main.kept UNION ALL SELECT * REPLACE (value_eur + 1e8 AS value_eur, '0' AS vintage_id, false AS is_latest_vintage) FROM main.kept"),
    ("TRD-009", "unit_values_stay_in_their_band", f"UPDATE {TRADE}unit_value SET deviation_count = 6.1 WHERE hs6_code = '{SPRING}'"),
    ("TRD-010", "no_month_is_missing", f"UPDATE {TRADE}month SET missing_month_count = 1"),
    ("TRD-011", "no_chapter_jumps_by_a_thousand", f"UPDATE {TRADE}chapter SET price_factor = 905 WHERE chapter_code = '73'"),
    ("TRD-012", "breaks_of_trade_are_flagged", f"INSERT INTO {TRADE}chapter SELECT c.* REPLACE (make_date(y, 1, 1) AS period_start, s AS source_id) FROM (FROM {TRADE}chapter WHERE source_id = 'comext' LIMIT 1) AS c, (VALUES ('comext', 2022), ('comext', 2023), ('comtrade', 2001), ('comtrade', 2002)) AS t (s, y)"),
    ("TRD-012", "breaks_of_trade_are_flagged", "UPDATE seeds.trade_break SET break_date = DATE '2025-02-01' WHERE break_code = 'intrastat_2025'"),
    ("TRD-013", "mirror_figures_stay_in_their_band", f"UPDATE {TRADE}mirror SET outside_points = 10.1 WHERE chapter_code = '73'"),
    ("TRD-014", "a_month_has_both_directions", f"UPDATE {TRADE}month SET flow_count = 1 WHERE reporter_code = 'FR'"),
    ("TRD-015", "bridges_conserve_value", "UPDATE intermediate.int_classification__bridge SET weight = weight / 2 WHERE code_from = '01.13.1'"),
    ("TRD-015", "cn_years_conserve_trade", "INSERT INTO intermediate.int_classification__bridge BY NAME SELECT 'CN2024' AS scheme_from, '73202020' AS code_from, 'CN2025' AS scheme_to, '73202020' AS code_to, 1.0 AS weight"),
    ("TRD-016", "lists_of_law_cover_the_day_of_the_build", f"UPDATE {TRADE}list_version SET version_in_force_count = 0 WHERE list_code = 'cbam'"),
]  # fmt: skip
# Where one test looks for several things, each of them has been found.
FINDINGS = {
    "countries_exist_at_the_date": {"outside_its_dates", "counted_twice"},
    "breaks_of_trade_are_flagged": {"edition_not_dated", "flag_not_set", "not_a_first_of_january", "changed_codes_unknown"},
}  # fmt: skip
WARN_ONLY = {"TRD-006", "TRD-008", "TRD-009", "TRD-012", "TRD-013", "TRD-015"}


def row_tests(build: Path, names: list[str]) -> dict[str, dict[str, str]]:
    """Call the named row tests on a build; what dbt says of each by its name."""
    target = build.parent / "target"
    environment = {**os.environ, **OFFLINE, "KETTENWERK_LAKE": "lake", "KETTENWERK_BUILD_FILE": str(build)}
    words = [str(Path(sys.executable).parent / "dbt"), "test", "--profiles-dir", ".", "--target-path", str(target)]
    words += ["--log-path", str(target), "--select", *(f"{name}*" for name in names)]
    done = subprocess.run(words, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280)
    results = target / "run_results.json"
    assert results.exists(), done.stdout + done.stderr
    return {r["unique_id"].split(".")[2]: r for r in json.loads(results.read_text())["results"]}


@pytest.mark.long
def test_every_trade_rule_fails_on_what_it_guards_against(works: Works, build_file: Path, tmp_path: Path) -> None:
    """One build, broken in sixteen ways: each rule says so, with the weight it has."""
    broken = tmp_path / "warehouse.duckdb"
    shutil.copyfile(build_file, broken)
    names = sorted({name for _, name, _ in BREAKS})
    for _, _, statement in BREAKS:
        with duckdb.connect(str(broken)) as connection:
            connection.execute(statement)
    outcomes = row_tests(broken, names)
    for rule_id, name, _ in BREAKS:
        [status] = [o["status"] for test, o in outcomes.items() if test.startswith(name)]
        soft = rule_id in WARN_ONLY or name == "dear_goods_have_a_quantity"
        assert status == ("warn" if soft else "fail"), (rule_id, name, status)
    with duckdb.connect(str(broken), read_only=True) as connection:
        for name, findings in FINDINGS.items():
            told = connection.execute(
                f"SELECT DISTINCT finding_code FROM (\n{outcomes[name]['compiled_code']}\n)"
            ).fetchall()
            assert {code for (code,) in told} == findings
    assert {rule_id for rule_id, _, _ in BREAKS} == {f"TRD-{n:03}" for n in range(1, 17)}


@pytest.mark.long
def test_a_rule_without_anything_to_judge_says_so(published: Works) -> None:
    """One month of trade has no history: the rules that need one are skipped, and those that do not have passed."""
    outcomes: dict[object, set[object]] = {}
    for rule_id, outcome in published.ask(
        "SELECT rule_id, outcome_code FROM marts.mart_dq_status WHERE rule_id LIKE 'TRD%'"
    ):
        outcomes.setdefault(rule_id, set()).add(outcome)
    assert {r for r, found in outcomes.items() if found == {"skipped"}} >= {"TRD-008", "TRD-009", "TRD-013"}
    assert {r for r, found in outcomes.items() if "pass" in found} >= {
        "TRD-001",
        "TRD-003",
        "TRD-011",
        "TRD-014",
        "TRD-016",
    }
    assert "fail" not in {o for found in outcomes.values() for o in found}


def year_before(month: Path) -> None:
    """Twelve months before the one delivered, of two reporters, in which three things were different.

    A kilogram of springs cost a hundred times as much, France got half of what Germany sends it under chapter 84, and most
    of chapter 39 was secret a year ago.
    """
    newest = month.stem.rsplit("_", 1)[-1]
    year, number = int(newest[:4]), int(newest[4:])
    frame = pl.read_csv(month, infer_schema=False).filter(pl.col("REPORTER").is_in(["DE", "FR"]))
    code, partner, reporter = pl.col("PRODUCT_NC"), pl.col("PARTNER"), pl.col("REPORTER")

    def times(column: str, where: pl.Expr, factor: float) -> pl.Expr:
        given = pl.col(column).cast(pl.Float64)
        changed = pl.when(where).then((given * factor).ceil()).otherwise(given)
        return changed.cast(pl.Int64).cast(pl.String).alias(column)

    springs = code.str.starts_with(SPRING) & (reporter == "DE")
    mirrored = code.str.starts_with("84") & (reporter == "FR") & (partner == "DE") & (pl.col("FLOW") == "1")
    cheaper = frame.with_columns(times("QUANTITY_KG", springs, 0.01))
    less = cheaper.with_columns(times("QUANTITY_KG", mirrored, 0.5), times("VALUE_EUR", mirrored, 0.5))
    for back in range(12, 0, -1):
        period = f"{year - (number <= back):04}{(number - back - 1) % 12 + 1:02}"
        told = less.with_columns(times("VALUE_EUR", code.str.starts_with("39X") & (back == 12), 30.0))
        told.with_columns(pl.lit(period).alias("PERIOD")).write_csv(month.with_name(f"full_v2_{period}.dat"))


@pytest.mark.long
def test_what_only_warns_is_published_with_its_rows(works: Works) -> None:
    """A new history makes four warnings of the month that is served: they go with the release, each with its rows."""
    [month] = (works.lineage.inbox / "comext").glob("full_v2_*.dat")
    year_before(month)
    works.refresh()
    rows = works.ask(
        "SELECT rule_id, severity_code, sample_path FROM marts.mart_dq_status s JOIN meta.release r USING (run_id) "
        "WHERE outcome_code = 'fail' AND rule_id LIKE 'TRD%'"
    )
    assert {r for r, _, _ in rows} == {"TRD-006", "TRD-009", "TRD-012", "TRD-013"}
    assert {severity for _, severity, _ in rows} == {"warn"}
    listed = {str(r): pl.read_csv(works.lineage.root / str(path), infer_schema=False) for r, _, path in rows}
    assert set(listed["TRD-009"]["hs6_code"]) == {SPRING}
    assert set(listed["TRD-013"]["chapter_code"]) == {"84"}
    assert set(listed["TRD-006"]["chapter_code"]) == {"39"}


def dearer(month: Path) -> None:
    """The same month once more, every value a tenth higher."""
    frame = pl.read_csv(month, infer_schema=False)
    raised = (pl.col("VALUE_EUR").cast(pl.Float64) * 1.1).round(0).cast(pl.Int64).cast(pl.String)
    frame.with_columns(raised).write_csv(month)


def later(month: Path) -> None:
    """A delivery two months on; the month between never came."""
    period = month.stem.rsplit("_", 1)[-1]
    after_next = f"{int(period) + 2}"
    frame = pl.read_csv(month, infer_schema=False)
    frame.with_columns(pl.lit(after_next).alias("PERIOD")).write_csv(month.with_name(f"full_v2_{after_next}.dat"))


@pytest.mark.long
@pytest.mark.parametrize(
    ("spoil", "rule_id", "said"),
    [
        (dearer, "TRD-007", "a_month_in_total_stays_close_to_its_vintage_before"),
        (later, "TRD-010", "no_month_is_missing"),
    ],
)
def test_a_month_that_cannot_be_right_is_not_served(
    works: Works, spoil: Callable[[Path], None], rule_id: str, said: str
) -> None:
    before = works.served_bytes()
    [month] = (works.lineage.inbox / "comext").glob("full_v2_*.dat")
    spoil(month)
    done = works.refresh(check=False)
    assert done.returncode == 1
    assert rule_id in done.stderr
    assert said in done.stderr
    assert works.served_bytes() == before
