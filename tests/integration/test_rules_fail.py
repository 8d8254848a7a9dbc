"""Every release-level rule fails when the candidate is broken in the way it guards against."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from quality.audit import company_names, run_checks
from quality.batches import Context
from quality.moved import moved
from tests.integration.conftest import Works
from warehouse.compare import Change, compare
from warehouse.region import Region
from warehouse.release import Manifest, new_release_id
from warehouse.seal import seal

BREAKS = [
    ("MRT-002", "row_floor", "DELETE FROM marts.dim_company"),
    ("REL-001", "rows_fall", "DELETE FROM marts.mart_import_dependency WHERE year > 2020"),
    ("REL-001", "rows_rise", "INSERT INTO marts.mart_supply_link SELECT m.* REPLACE (m.supply_link_id || r.n AS supply_link_id) FROM marts.mart_supply_link m, range(9) r(n)"),
    ("REL-002", "totals", "UPDATE marts.fct_trade_flow SET value_usd = value_usd * 1000"),
    ("BIX-007", "comments", "COMMENT ON COLUMN marts.dim_region.region_code IS NULL"),
    ("REL-005", "reconciles_to_fct_trade_flow", "UPDATE marts.mart_product_space SET export_value_usd = export_value_usd * 1.01 WHERE location_code = 'DE'"),
    ("MRT-004", "eci_equals_mean_pci", "UPDATE marts.mart_product_space SET eci = eci + 0.1 WHERE location_code = 'DE'"),
    ("STA-004", "groups_add_up", "UPDATE marts.mart_region_industry_profile SET employees_svb_count = employees_svb_count + 5 WHERE region_code IN (SELECT group_region_code FROM marts.bridge_region_group)"),
    ("STA-003", "secret_is_null", "UPDATE marts.fct_regional_statistic SET value = 0 WHERE value_status_code = 'secret'"),
    ("MRT-003", "extra_eu_within_total", "UPDATE marts.mart_import_dependency SET extra_eu_import_value_eur = import_value_eur * 2"),
    ("MRT-008", "shares_add_up", "UPDATE marts.mart_supply_link SET share_band_low_pct = 90, hs4_code = '7211'"),
    ("MRT-014", "companies_within_responses", "UPDATE marts.mart_survey_coverage SET complete_count = 1, partial_count = 0"),
    ("MRT-003", "scale_low", "UPDATE marts.mart_market_fit SET demand_score = -1"),
    ("MRT-003", "scale_high", "UPDATE marts.mart_market_fit SET fit_score = 101"),
    ("MRT-003", "finite", "UPDATE marts.mart_product_space SET density = 'nan'::DOUBLE WHERE location_code = 'DE'"),
    ("REL-003", "fill_rate", "UPDATE marts.dim_company SET kreis_ags = NULL"),
    ("MRT-005", "explained", "UPDATE marts.mart_market_fit SET counter_reason_de = NULL WHERE rank_in_company = 1"),
    ("MRT-005", "reasons", "UPDATE marts.mart_market_fit SET reason_1_de = NULL WHERE rank_in_company = 1"),
    ("MRT-006", "rank_churn", "UPDATE marts.mart_market_fit SET rank_in_company = 1000 - rank_in_company"),
    ("MRT-017", "beats_naive_models", "UPDATE meta.backtest SET auc = 0.99 WHERE model_code = 'popularity'"),
    ("MRT-017", "beats_naive_models", "UPDATE meta.backtest SET precision_at_20 = 0.99 WHERE model_code = 'size'"),
    ("MRT-017", "foretells_as_before", "UPDATE meta.backtest SET auc = auc - 0.03"),
    ("MRT-017", "foretells_as_before", "UPDATE meta.backtest SET precision_at_20 = precision_at_20 - 0.03"),
    ("IDN-001", "one_current", "UPDATE marts.dim_company SET is_current = false"),
    ("IDN-006", "weights", "UPDATE marts.bridge_product_industry SET weight = weight / 2"),
    ("LND-007", "synthetic_or_real", "UPDATE marts.dim_company SET is_synthetic = false"),
    ("BIX-001", "minimum_n", "UPDATE bi.bi_dependency SET company_count = 2 WHERE suppression_code = 'none'"),
    ("BIX-001", "hidden_is_null", "UPDATE bi.bi_dependency SET mean_score = 50 WHERE suppression_code <> 'none'"),
    ("BIX-001", "code_present", "UPDATE bi.bi_dependency SET suppression_code = NULL"),
    ("BIX-002", "no_lonely_cell", "UPDATE bi.bi_dependency SET suppression_code = 'none', company_count = 9 WHERE kreis_ags = 'TOTAL' OR wz2_code <> (SELECT max(wz2_code) FROM bi.bi_dependency WHERE wz2_code <> 'TOTAL')"),
    ("BIX-004", "moved_by_few", "UPDATE bi.bi_dependency SET mean_score = mean_score + 1 WHERE kreis_ags = 'TOTAL' AND mean_score < 90"),
    ("BIX-004", "remembered", "UPDATE bi.bi_dependency SET share_high_pct = NULL WHERE wz2_code = 'TOTAL'"),
    ("BIX-004", "consent_in_force", "INSERT INTO intermediate.int_dependency__contribution SELECT c.* REPLACE ('C-ERFUNDEN22' AS company_id) FROM intermediate.int_dependency__contribution c LIMIT 1"),
    ("BIX-003", "full_scan", "UPDATE marts.dim_region SET region_name = 'Fragen Sie anna@example.invalid' WHERE region_code = 'DE'"),
    ("SRV-004", "full_scan", "UPDATE marts.mart_market_fit SET reason_2_de = 'Tel. 02371 123456' WHERE rank_in_company = 1"),
    ("BIX-003", "full_scan", "UPDATE marts.dim_region SET region_name = 'bei ' || (SELECT max(company_name) FROM marts.dim_company WHERE company_name LIKE '%(erfunden)%') WHERE region_code = 'DE'"),
    ("BIX-003", "columns", "ALTER TABLE bi.bi_dependency ADD COLUMN company_name VARCHAR"),
]  # fmt: skip


def audited(works: Works, build: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Outcome and message of every rule on a candidate sealed from a build, compared with the served release."""
    served = works.lineage.current.resolve()
    manifest = Manifest.read(served)
    candidate = seal(
        works.lineage, build, release_id=new_release_id(), run_id="broken", region_code=manifest.region_code,
        code_version=manifest.code_version, input_fingerprint="", is_synthetic=True,
    )  # fmt: skip
    changes: list[Change] = compare(candidate, served)
    region = Region.load("maerkische_region")
    k = region.privacy["k"]
    beside = moved(works.lineage, candidate, served, k)
    context = Context(candidate, served, changes, region.gates("sample"), True, k, company_names(works.lineage), beside)
    return {
        (r.rule_id, r.partition_key): (r.outcome_code, r.message)
        for results in run_checks(context).values()
        for r in results
    }


@pytest.mark.long
def test_an_unbroken_candidate_passes_and_every_rule_is_covered(works: Works, build_file: Path) -> None:
    outcomes = audited(works, build_file)
    assert {o for o, _ in outcomes.values()} == {"pass"}, outcomes
    # No change of the build puts a forbidden row past the seal: test_licences takes the seal's rules away.
    # Nor does one make the vault forget the served release: test_two_releases does.
    elsewhere = {("REL-001", "lost_tables"), ("BIX-009", "licences"), ("BIX-004", "comparable")}
    uncovered = set(outcomes) - {(rule, key) for rule, key, _ in BREAKS} - elsewhere
    assert not uncovered, "a rule without a case that breaks it"
    assert len(outcomes) >= 15


@pytest.mark.long
@pytest.mark.parametrize(("rule_id", "key", "statement"), BREAKS, ids=lambda v: v if len(v) < 40 else "")
def test_the_rule_fails(works: Works, build_file: Path, tmp_path: Path, rule_id: str, key: str, statement: str) -> None:
    broken = tmp_path / "warehouse.duckdb"
    shutil.copyfile(build_file, broken)
    with duckdb.connect(str(broken)) as connection:
        connection.execute(statement)
    outcome, message = audited(works, broken)[(rule_id, key)]
    assert outcome == "fail", f"{rule_id} {key} is {outcome}"
    assert message
