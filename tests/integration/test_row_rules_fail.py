"""Every row rule of registers, statistics and the survey fails when the build is broken in the way it guards against.

All breaks go into one copy of the build and dbt tests it once; each rule is looked up by name in what dbt says. The rules'
own arithmetic is proved beside the models (dbt unit tests).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import LIMIT_SECONDS, Works
from warehouse.build import OFFLINE, PROJECT

ONE = "company_id = (SELECT {} (company_id) FROM marts.dim_company WHERE register_number IS NOT NULL)"
FIRST, LAST = ONE.format("min"), ONE.format("max")
WRONG_LEI = "506700GE1G29325QX364"
MARKET = "flow_code = 'export' AND net_mass_kg > 0 AND year = {}"
RANKED = "rank_in_region = 1"
KREIS = "(SELECT min(member_region_code) FROM marts.bridge_region_group WHERE length(member_region_code) = 5)"
CASES = [
    ("REG-001", "matches_pattern_dim_company_register_number", f"UPDATE marts.dim_company SET register_number = '1234567' WHERE {FIRST}"),
    ("REG-002", "the_court_is_on_the_list", f"UPDATE marts.dim_company SET register_court_code = 'R9999' WHERE {FIRST}"),
    ("REG-002", "a_historic_court_names_its_successor", "UPDATE seeds.register_court SET successor_court_code = NULL"),
    ("REG-003", "the_court_fits_the_seat", "UPDATE intermediate.int_company__court SET is_court_plausible = false"),
    ("REG-004", "one_company_per_euid", f"UPDATE marts.dim_company SET euid = 'DER1.HRB1' WHERE {FIRST} OR {LAST}"),
    ("REG-004", "one_euid_belongs_to_one_company", "UPDATE intermediate.int_company__register_record SET court_code = 'R1', register_type_code = 'HRB', register_number = '1'"),
    ("IDN-001", "company_versions_follow_each_other", f"UPDATE marts.dim_company SET valid_to = TIMESTAMP '2020-01-01' WHERE {FIRST}"),
    ("IDN-004", "register_numbers_merge_by_decision", "INSERT INTO intermediate.int_company__register_record BY NAME SELECT * REPLACE ('999999' AS register_number, 'x' AS record_id, 'registered' AS register_status_code) FROM intermediate.int_company__register_record WHERE register_number IS NOT NULL LIMIT 1"),
    ("IDN-003", "incorporated_companies_are_found", "UPDATE intermediate.int_company__survey SET legal_form_code = 'GMBH', company_id = 'X' || company_id"),
    ("REG-005", "legal_form_stands_in_its_register", "UPDATE marts.dim_company SET legal_form_code = 'AG' WHERE legal_form_code = 'EK'"),
    ("REG-005", "gmbh_co_kg_stands_in_hra", "UPDATE marts.dim_company SET register_type_code = 'HRB' WHERE legal_form_code = 'GMBH_CO_KG'"),
    ("REG-006", "lei_check_digits_hold", f"UPDATE marts.dim_company SET lei = '{WRONG_LEI}' WHERE {LAST}"),
    ("REG-007", "the_name_of_a_lei_is_that_of_the_register", "UPDATE intermediate.int_company__lei_name SET name_similarity = 0.79"),
    ("REG-008", "a_surveyed_company_left_the_register_or_is_wound_up", "INSERT INTO intermediate.int_company__register_change (company_id, source_id, record_id, standing_code) SELECT min(company_id), 'gleif', 'x', 'insolvent' FROM marts.dim_company"),
    ("REG-010", "old_registers_say_nothing_of_today", "UPDATE intermediate.int_company__register_record SET register_status_code = 'registered'"),
    ("REG-011", "no_birth_date_leaves_landing", "CREATE OR REPLACE VIEW staging.stg_gleif__lei_record AS SELECT 's' AS snapshot_id, 'Max Muster e. K., *12.03.1960' AS legal_name, 'Ort' AS city"),
    ("REG-001", "accepted_values_dim_company_register_type", f"UPDATE marts.dim_company SET register_type_code = 'HRX' WHERE {LAST}"),
    ("IDN-007", "competence_has_an_industry_or_product", "UPDATE marts.dim_competence SET related_wz2008_codes = NULL, related_hs4_codes = NULL WHERE competence_id = 'coating'"),
    ("IDN-002", "a_mapped_competence_is_in_the_tree", "UPDATE marts.mart_competence_map SET competence_id = 'magic' WHERE competence_id = 'testing'"),
    ("SRV-017", "automatic_codes_of_texts_are_right", "UPDATE intermediate.int_text__quality SET value_pct = 89.9 WHERE measure_code = 'gold_precision'"),
    ("SRV-017", "few_texts_wait_for_a_person", "UPDATE intermediate.int_text__quality SET value_pct = 35.1 WHERE measure_code = 'unreviewed'"),
    ("SRV-019", "competence_only_with_consent_to_storage", "UPDATE intermediate.int_company__consent SET may_store = false"),
    ("SRV-019", "profile_only_with_consent_to_storage", "UPDATE intermediate.int_company__consent SET may_store = false"),
    ("SRV-019", "seeker_only_with_consent_to_matchmaking", "UPDATE intermediate.int_company__consent SET may_match = false"),
    ("SRV-019", "candidate_only_with_consent_to_matchmaking", "UPDATE intermediate.int_company__consent SET may_match = false"),
    ("TRD-012", "breaks_of_markets_are_flagged", "INSERT INTO intermediate.int_trade__dated_break (break_code, source_id, reporter_code, year) SELECT 'x', 'baci', min(reporter_geo_code), 2023 FROM marts.mart_market_analysis"),
    ("REL-005", "markets_add_up_to_their_facts", f"DELETE FROM marts.mart_market_analysis WHERE {MARKET.format(2023)} AND partner_iso2_code < 'F'"),
    ("MRT-004", "shares_of_a_market_add_up", f"UPDATE marts.mart_market_analysis SET partner_share_pct = partner_share_pct - 0.01 WHERE {MARKET.format(2018)}"),
    ("MRT-004", "mart_market_analysis_price_is_value_by_mass", f"UPDATE marts.mart_market_analysis SET unit_value_eur_per_kg = NULL WHERE {MARKET.format(2019)}"),
    ("MRT-004", "mart_market_analysis_without_mass_no_price", f"UPDATE marts.mart_market_analysis SET unit_value_eur_per_kg = 1, net_mass_kg = NULL WHERE {MARKET.format(2020)}"),
    ("MRT-003", "mart_market_analysis_numbers_in_range", f"UPDATE marts.mart_market_analysis SET market_hhi = 10001 WHERE {MARKET.format(2021)}"),
    ("MRT-001", "unique_key_mart_market_analysis", f"UPDATE marts.mart_market_analysis SET year = NULL WHERE {MARKET.format(2022)}"),
    ("MRT-001", "unique_key_mart_region_opportunity", "INSERT INTO marts.mart_region_opportunity SELECT * FROM marts.mart_region_opportunity LIMIT 1"),
    ("MRT-003", "mart_region_opportunity_numbers_in_range", f"UPDATE marts.mart_region_opportunity SET opportunity_score = 100.1 WHERE {RANKED}"),
    ("MRT-004", "mart_region_opportunity_only_absent_headings_are_ranked", f"UPDATE marts.mart_region_opportunity SET is_present = true WHERE {RANKED}"),
    ("MRT-016", "mart_region_opportunity_estimates_have_bounds", f"UPDATE marts.mart_region_opportunity SET density_low = NULL WHERE {RANKED}"),
    ("MRT-016", "mart_region_opportunity_estimates_lie_in_their_bounds", f"UPDATE marts.mart_region_opportunity SET modelled_rca_high = modelled_rca - 0.1 WHERE {RANKED}"),
    ("MRT-016", "mart_region_opportunity_sections_say_nothing", f"UPDATE marts.mart_region_opportunity SET estimation_method_code = 'wz_section_only' WHERE {RANKED}"),
    ("MRT-016", "not_null_mart_region_opportunity_method_version", f"UPDATE marts.mart_region_opportunity SET method_version = NULL WHERE {RANKED}"),
    ("MRT-016", "int_industry__employment_interval_bounds_hold", "UPDATE intermediate.int_industry__employment_interval SET high_count = low_count - 1 WHERE is_hidden"),
    ("STA-001", "matches_pattern_dim_region_ags", f"UPDATE marts.dim_region SET ags = '1234' WHERE region_code = {KREIS}"),
    ("STA-001", "units_exist_at_the_date", f"CREATE OR REPLACE VIEW staging.stg_gemeindeverzeichnis__unit AS SELECT ags, DATE '2023-06-30' AS reference_date, 's' AS snapshot_id, '40' AS record_type_code, ags AS ars, region_name AS unit_name, population_count FROM marts.dim_region WHERE ags <> {KREIS}"),
    ("STA-002", "every_kreis_table_holds_the_region", f"DELETE FROM marts.fct_regional_statistic WHERE region_code = {KREIS} AND period_start = (SELECT max(period_start) FROM marts.fct_regional_statistic)"),
    ("STA-002", "every_municipality_table_holds_the_region", "INSERT INTO marts.fct_regional_statistic BY NAME SELECT * REPLACE ((SELECT min(region_code) FROM marts.dim_region WHERE region_level_code = 'municipality') AS region_code, '99999-00' AS table_code) FROM marts.fct_regional_statistic LIMIT 1"),
    ("STA-004", "kreise_add_up_to_their_land", "UPDATE intermediate.int_industry__employment SET value = 0 WHERE region_code LIKE 'DE-%'"),
    ("STA-004", "municipalities_add_up_to_their_kreis", "INSERT INTO intermediate.int_region__sum BY NAME SELECT * REPLACE ('regions' AS sum_kind_code, 'district' AS region_level_code, true AS is_complete, 0 AS secret_count, 2 AS rest) FROM intermediate.int_region__sum LIMIT 1"),
    ("STA-005", "hidden_cells_leave_a_plausible_rest", "UPDATE intermediate.int_region__sum SET rest = -2 WHERE secret_count > 0"),
    ("STA-006", "fct_regional_statistic_industry_resolves", "UPDATE marts.fct_regional_statistic SET wz_code = '3102' WHERE wz_code = 'C'"),
    ("STA-006", "fct_regional_statistic_ranges_are_aggregates", "UPDATE marts.fct_regional_statistic SET is_aggregate = false, wz_code = '31-02' WHERE wz_code = 'B-F'"),
    ("STA-007", "weights_between_revisions_of_wz_add_up", "UPDATE intermediate.int_classification__bridge SET weight = weight / 2 WHERE scheme_from = 'WZ2008' AND scheme_to = 'WZ2025'"),
    ("STA-008", "a_series_has_one_threshold", "UPDATE seeds.statistics_threshold SET threshold_code = '20+'"),
    ("STA-009", "dim_region_population_says_its_basis", "UPDATE marts.dim_region SET population_basis_code = NULL"),
    ("STA-010", "employment_changes_slowly", "UPDATE intermediate.int_industry__employment_change SET change_pct = -26, employees_count = 100"),
    ("SRV-013", "few_break_off", "UPDATE intermediate.int_survey__wave_quality SET partial_pct = 36 WHERE previous_partial_pct IS NULL"),
    ("SRV-013", "as_many_break_off_as_before", "UPDATE intermediate.int_survey__wave_quality SET partial_pct = 34, previous_partial_pct = 18 WHERE previous_partial_pct IS NOT NULL"),
    ("SRV-014", "few_give_one_answer_to_everything", "UPDATE intermediate.int_survey__wave_quality SET straight_line_pct = 6"),
    ("SRV-014", "nobody_answers_in_no_time", "UPDATE intermediate.int_survey__wave_quality SET quick_count = 1"),
    ("SRV-015", "changed_questions_carry_a_flag", "UPDATE intermediate.int_survey__change SET is_flagged = false WHERE change_code = 'unit'"),
    ("SRV-016", "core_questions_are_answered", "UPDATE intermediate.int_survey__item_response SET missing_pct = 31 WHERE question_concept_id = 'MAIN_WZ'"),
    ("SRV-018", "energy_costs_fit_consumption", "UPDATE intermediate.int_survey__energy SET is_implausible = true"),
    ("STA-011", "energy_prices_keep_unit_and_taxes", "INSERT INTO intermediate.int_region__energy_price (dataset_code, is_latest_vintage, is_basis_unchanged) VALUES ('NRG_PC_205', true, false)"),
]  # fmt: skip


@pytest.fixture(scope="module")
def tested(
    published: Works, build_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, object]]:
    """What dbt says of every named test on the broken copy: name to rule id, status and failing rows."""
    folder = tmp_path_factory.mktemp("broken")
    broken = folder / "warehouse.duckdb"
    shutil.copyfile(build_file, broken)
    with duckdb.connect(str(broken)) as connection:
        for _, _, statement in CASES:
            connection.execute(statement)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "test", "--select", *(f"{name}*" for _, name, _ in CASES),
         "--profiles-dir", str(PROJECT), "--target-path", str(folder / "target"), "--log-path", str(folder)],
        cwd=PROJECT, capture_output=True, text=True, timeout=LIMIT_SECONDS,
        env=os.environ | OFFLINE | {"KETTENWERK_LAKE": str(published.lineage.lake), "KETTENWERK_BUILD_FILE": str(broken)},
    )  # fmt: skip
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    nodes = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    said = {}
    for result in results:
        node = nodes[result["unique_id"]]
        rule_id = node["config"]["meta"]["rule_id"]
        said[node["name"]] = {"rule_id": rule_id, "status": result["status"], "failures": result["failures"]}
    assert said, done.stdout[-2000:]
    return said


@pytest.mark.long
@pytest.mark.parametrize(("rule_id", "name", "statement"), CASES, ids=[name for _, name, _ in CASES])
def test_the_row_rule_fails(
    published: Works, tested: dict[str, dict[str, object]], rule_id: str, name: str, statement: str
) -> None:
    """The test of the rule finds rows in the broken build, and it found none (or nothing to look at) in the published one."""
    [full] = [n for n in tested if n.startswith(name)]
    assert tested[full]["rule_id"] == rule_id
    assert tested[full]["status"] in ("fail", "warn"), tested[full]
    evidence = [json.loads(p.read_text(encoding="utf-8")) for p in published.lineage.runs.glob("*.json")]
    outcomes = {r["partition_key"]: r["outcome_code"] for run in evidence for r in run["results"]}
    assert outcomes[full[:120]] in ("pass", "skipped")
