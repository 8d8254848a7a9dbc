"""The planted truths of the sample are found by the simple methods, each with its known answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.integration.conftest import Works
from warehouse.files import opened


@pytest.fixture(scope="module")
def truths(published: Works) -> dict[str, Any]:
    return json.loads((published.lineage.root / "sample_truths.json").read_text(encoding="utf-8"))


def test_the_release_says_that_it_is_invented(published: Works) -> None:
    assert published.ask("SELECT is_synthetic, profile_code FROM meta.release") == [(True, "sample")]
    assert published.ask("SELECT DISTINCT is_synthetic FROM marts.dim_company") == [(True,)]
    names = published.ask("SELECT company_name FROM marts.dim_company", "advisory")
    assert names
    assert all("(erfunden)" in str(name) for (name,) in names)


def test_single_source_clusters(published: Works, truths: dict[str, Any]) -> None:
    """Exact names with both consents: at least as many buyers as planted take 81 % or more from one supplier."""
    assert len(truths["single_source_clusters"]) >= 3
    found = published.ask(
        "SELECT hs4_code, supplier_company_id, count(DISTINCT buyer_company_id) FROM marts.mart_supply_link "
        "WHERE share_band_low_pct >= 81 AND supplier_company_id IS NOT NULL GROUP BY ALL HAVING count(DISTINCT buyer_company_id) >= 4"
    )
    by_input = {str(hs4): int(str(buyers)) for hs4, _, buyers in found}
    for cluster in truths["single_source_clusters"]:
        assert by_input.get(cluster["input_hs4"], 0) >= len(cluster["buyers"]), cluster["input_hs4"]


def test_company_market_pairs(published: Works, truths: dict[str, Any]) -> None:
    """Each planted pair is among the three best targets of its company, with its reason and its counter-reason."""
    assert len(truths["market_fits"]) >= 5
    for pair in truths["market_fits"]:
        [(rank, reason, counter)] = published.ask(
            "SELECT rank_in_company, reason_1_de, counter_reason_de FROM marts.mart_market_fit f "
            f"JOIN (SELECT company_id, register_number FROM marts.dim_company WHERE is_current) c USING (company_id) "
            f"WHERE c.register_number = '{pair['company']['register_number']}' "
            f"AND hs6_code = '{pair['target_product']}' AND country_iso2_code = '{pair['target_country']}'",
            "advisory",
        )
        assert int(str(rank)) <= 3, pair
        assert reason
        assert counter


def test_the_back_test_beats_the_naive_models(published: Works) -> None:
    """Three windows of five years, in the release for every audience: ahead of both naive models in both measures, each time."""
    for audience in ("bi", "analyst", "advisory"):
        rows = published.ask("SELECT * FROM meta.backtest", audience)
        windows = {(train, test) for _, train, test, *_ in rows}
        assert windows == {(2017, 2022), (2018, 2023), (2019, 2024)}
        assert len(rows) == 4 * len(windows)
        for window in windows:
            [*figures] = [
                (model, auc, hits) for _, train, test, model, auc, hits, *_ in rows if (train, test) == window
            ]
            by_model = {str(model): (float(str(auc)), float(str(hits))) for model, auc, hits in figures}
            assert set(by_model) == {"market_fit", "product_space", "popularity", "size"}
            for naive in ("popularity", "size"):
                assert by_model["market_fit"][0] > by_model[naive][0] + 0.01, window
                assert by_model["market_fit"][1] > by_model[naive][1] + 0.01, window
    versions = published.ask("SELECT DISTINCT score_version FROM marts.mart_market_fit")
    assert published.ask("SELECT DISTINCT score_version FROM meta.backtest") == versions
    assert published.ask(
        "SELECT DISTINCT rule_id, outcome_code FROM marts.mart_dq_status WHERE rule_id = 'MRT-017' AND outcome_code <> 'skipped'"
    ) == [("MRT-017", "pass")]


def test_the_duplicate_is_one_company(published: Works, truths: dict[str, Any]) -> None:
    assert truths["duplicates"]
    ids = dict(published.ask("SELECT company_id, register_number FROM marts.dim_company", "advisory"))
    for pair in truths["duplicates"]:
        first, second = pair["first"], pair["second"]
        assert first["response_id"] != second["response_id"]
        assert list(ids.values()).count(first["register_number"]) == 1
        assert first["name"] != second["name"]


def test_a_withdrawn_storage_consent_removes_the_company(published: Works, truths: dict[str, Any]) -> None:
    withdrawn = [w for w in truths["withdrawn_consents"] if w["purpose_code"] == "CONS_STORE"]
    assert withdrawn
    for event in withdrawn:
        number, name = event["company"]["register_number"], event["company"]["name"]
        for audience in ("bi", "analyst", "advisory"):
            file = published.lineage.current.resolve() / f"{audience}.duckdb"
            assert name.encode() not in file.read_bytes(), f"{name} is in {audience}"
        assert not published.ask(f"SELECT 1 FROM marts.dim_company WHERE register_number = '{number}'", "advisory")


def test_a_withdrawn_adviser_consent_leaves_the_advisers_file(published: Works, truths: dict[str, Any]) -> None:
    withdrawn = [w for w in truths["withdrawn_consents"] if w["purpose_code"] == "CONS_ADVISER"]
    assert withdrawn
    for event in withdrawn:
        assert not published.ask(
            f"SELECT 1 FROM marts.dim_company WHERE company_name = '{event['company']['name']}'", "advisory"
        )


def test_the_secret_cell_stays_secret(published: Works, truths: dict[str, Any]) -> None:
    [secret] = truths["secret_cells"]
    rows = published.ask(
        "SELECT value, value_status_code FROM marts.fct_regional_statistic "
        f"WHERE table_code = '{secret['table_code']}' AND region_code = '{secret['region_code']}' AND wz_code = '{secret['wz_code']}' "
        f"AND period_start = DATE '{secret['period']}' AND characteristic_code = 'TOTAL'"
    )
    assert rows == [(None, "secret")]
    profile = published.ask(
        "SELECT employees_svb_count, value_status_code FROM marts.mart_region_industry_profile "
        f"WHERE region_code = '{secret['region_code']}' AND wz_code = '{secret['wz_code']}' AND year = {secret['period'][:4]}"
    )
    assert all(value is None and status == "secret" for value, status in profile)


def test_import_dependency_equals_the_hand_computed_cases(published: Works, truths: dict[str, Any]) -> None:
    for case in truths["import_dependencies"]:
        [(hhi, share, ratio, one, two, three, dependent)] = published.ask(
            "SELECT origin_hhi, extra_eu_import_share, imports_to_exports_ratio, is_cdi1, is_cdi2, is_cdi3, is_dependent "
            "FROM marts.mart_import_dependency WHERE importer_code = 'EU27_2020' "
            f"AND product_code = '{case['product']}' AND year = 2024"
        )
        assert float(str(hhi)) == pytest.approx(case["origin_hhi"], abs=1e-9)
        assert float(str(share)) == pytest.approx(case["extra_share"], abs=1e-9)
        assert float(str(ratio)) == pytest.approx(case["ratio_total"], abs=1e-9)
        assert (one, two, three) == (float(str(hhi)) > 0.4, float(str(share)) > 0.5, float(str(ratio)) > 1)
        assert dependent == case["is_dependent"]


def test_planted_dirt_became_what_it_had_to(published: Works, truths: dict[str, Any]) -> None:
    """Every class of dirt lies in the delivered files; each cell has its status, number or code, and its line for a person."""
    assert {d["kind"] for d in truths["dirt"]} == set(range(1, 13))
    lake = published.lineage.lake / "limesurvey"
    answers = pl.read_parquet(lake / "answer" / "*.parquet")
    review = set(pl.read_parquet(lake / "review" / "*.parquet").select("wave_id", "response_id", "finding_code").rows())
    for dirt in truths["dirt"]:
        wave, response = dirt["wave_id"], str(dirt["response_id"])
        assert not dirt["expected_finding"] or (wave, response, dirt["expected_finding"]) in review, dirt
        if not dirt["question_concept_id"]:
            continue
        [row] = answers.filter(
            wave_id=wave, response_id=response, question_concept_id=dirt["question_concept_id"], item_code=dirt["item_code"]
        ).iter_rows(named=True)  # fmt: skip
        assert row["answer_status_code"] == dirt["expected_status"], dirt
        assert dirt["expected_num"] is None or row["answer_num"] == pytest.approx(dirt["expected_num"]), dirt
        assert dirt["expected_code"] is None or row["answer_code"] == dirt["expected_code"], dirt
    assert {("2027", "", "encoded_twice"), ("2027", "", "consent_text_changed")} <= review


def test_a_pulse_and_a_broken_off_wave_leave_the_profile(
    published: Works, build_file: Path, truths: dict[str, Any]
) -> None:
    """Companies of the market-fit truths answered the pulse, one of them the first page of 2027: what they make stays."""
    number = truths["market_fits"][0]["company"]["register_number"]
    with opened(build_file) as connection:
        said = connection.execute(
            "SELECT n.group_code, n.wave_id FROM intermediate.int_survey__newest n JOIN marts.dim_company c USING (company_id) "
            f"WHERE c.is_current AND c.register_number = '{number}'"
        ).fetchall()
        waves = connection.execute(
            "SELECT list(wave_id ORDER BY wave_id) FROM intermediate.int_survey__response r JOIN marts.dim_company c USING (company_id) "
            f"WHERE c.is_current AND c.register_number = '{number}'"
        ).fetchone()
    assert waves == (["2026", "2026p", "2027"],)
    assert {g: w for g, w in said if g in ("name", "size", "products", "activity")} == {
        "name": "2027", "size": "2027", "products": "2026", "activity": "2026",
    }  # fmt: skip
