"""The region folder and the defaults as facts: complete, consistent, region-neutral where they have to be."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from warehouse.compare import TOTALS
from warehouse.errors import SettingsError
from warehouse.methods.market_fit import METHOD_VERSION, MarketFitConfig
from warehouse.methods.market_fit.alternatives import YEARS
from warehouse.privacy.audiences import audience_table
from warehouse.region import DEFAULT_FOLDER, Region

COLUMNS = "source_column,question_concept_id,item_code,answer_type,unit_code,code_list,low,high,class_code,page,shown_if,label_de"
WAVES = ("2026", "2026p", "2027")
TYPES = {"text", "integer", "number", "percent", "single", "multi", "band", "date", "flag", "year"}
CLASSES = {"closed", "identity", "contact", "consent", "free_text", "meta"}


def test_territory(region: Region) -> None:
    assert [k.ags for k in region.kreise] == ["05914", "05954", "05962"]
    assert [k.kind for k in region.kreise] == ["city", "district", "district"]
    ags = [m["ags"] for m in region.municipalities]
    assert len(ags) == len(set(ags)) == 25
    assert all(m["ags"].startswith(m["kreis_ags"]) for m in region.municipalities)
    mk = [m for m in region.municipalities if m["kreis_ags"] == "05962"]
    assert sum(int(m["population_count"]) for m in mk) == 410_005  # census 2022, total of the Kreis
    assert {m["population_basis_code"] for m in mk} == {"census_2022"}


def test_every_municipality_has_court_chamber_and_postcode(region: Region) -> None:
    ags = {m["ags"] for m in region.municipalities}
    assert {c["ags"] for c in region.courts} == ags
    delivery = {p["ags"] for p in region.postcodes if p["postcode_type"] == "delivery"}
    assert delivery == ags and {p["postcode_type"] for p in region.postcodes} == {"delivery", "bulk"}
    assert len({p["postcode"] for p in region.postcodes}) == len(region.postcodes)
    for m in region.municipalities:
        assert m["ihk_code"] == region.chamber_of(m["ags"])
    assert all(p["source"] for p in region.postcodes) and all(m["source"] for m in region.municipalities)


def test_groups_are_made_of_known_units(region: Region) -> None:
    kreise, ags = {k.ags for k in region.kreise}, {m["ags"] for m in region.municipalities}
    groups = {g["code"]: g for g in region.groups}
    assert set(groups) == {"maerkische_region", "sihk_bezirk", "ihk_mr_teil"}
    for group in groups.values():
        assert set(group["kreise"]) <= kreise and set(group["municipalities"]) <= ags
    covered = [*groups["sihk_bezirk"]["municipalities"], *groups["ihk_mr_teil"]["municipalities"]]
    assert sorted(covered) == sorted(a for a in ags if a.startswith("05954"))


@pytest.mark.parametrize("wave", WAVES)
def test_codebooks_are_complete_and_unique(region: Region, wave: str) -> None:
    rows = region.rows(f"survey/codebook_{wave}.csv")
    assert ",".join(rows[0]) == COLUMNS
    assert len({r["source_column"] for r in rows}) == len(rows)
    assert len({(r["question_concept_id"], r["item_code"]) for r in rows}) == len(rows)
    assert {r["answer_type"] for r in rows} <= TYPES and {r["class_code"] for r in rows} <= CLASSES
    lists = {r["code_list"] for r in region.rows(f"survey/codes_{wave}.csv")}
    assert {r["code_list"] for r in rows} - {""} == lists
    coded = {"single", "band", "flag", "multi"}
    assert all(bool(r["code_list"]) == (r["answer_type"] in coded) for r in rows)


def test_the_questionnaire_asks_for_everything(region: Region) -> None:
    rows = region.rows("survey/codebook_2026.csv")
    assert {r["answer_type"] for r in rows} == TYPES and {r["class_code"] for r in rows} == CLASSES
    concepts = {r["question_concept_id"] for r in rows}
    assert {
        "HEADCOUNT",
        "PRODUCT_HS",
        "SUP_INPUT_HS4",
        "CUST_SECTOR_SHARE",
        "CONS_STORE",
        "CONTACT_MAIL",
        "IDEA_TEXT",
    } <= concepts
    assert {
        r["class_code"] for r in rows if r["question_concept_id"].startswith("CONTACT_") and r["answer_type"] == "text"
    } == {"contact"}
    assert {r["source_column"] for r in rows if r["question_concept_id"] == "IGNORED"} == {"token", "ipaddr", "refurl"}


@pytest.mark.parametrize("wave", WAVES)
def test_codes_are_unique_both_ways(region: Region, wave: str) -> None:
    rows = region.rows(f"survey/codes_{wave}.csv")
    assert len({(r["code_list"], r["answer_code"]) for r in rows}) == len(rows)
    assert len({(r["code_list"], r["value_code"]) for r in rows}) == len(rows)
    for r in rows:
        if r["low"] and r["high"]:
            assert float(r["low"]) <= float(r["high"]), r


def test_waves_name_their_codebook(region: Region) -> None:
    waves = region.yaml("survey/waves.yml")["waves"]
    assert [w["wave_id"] for w in waves] == [*WAVES]
    for wave in waves:
        assert region.file(wave["codebook"]).is_file() and region.file(wave["codes"]).is_file()


def test_competences_join_to_the_survey(region: Region) -> None:
    rows = region.rows("competences.csv")
    ids = {r["competence_id"] for r in rows}
    items = {
        r["item_code"]
        for r in region.rows("survey/codebook_2026.csv")
        if r["question_concept_id"] in ("PROC", "MATERIAL", "CERT")
    }
    assert items <= ids and len(rows) == len(ids) >= 40
    assert {r["parent_competence_id"] for r in rows} - {""} <= ids
    for r in rows:
        assert r["related_wz2008_codes"] or r["related_hs4_codes"], r["competence_id"]
        assert re.fullmatch(r"(\d{2}\.\d{2}(,\d{2}\.\d{2})*)?", r["related_wz2008_codes"])
        assert re.fullmatch(r"(\d{4}(,\d{4})*)?", r["related_hs4_codes"])


def test_dependency_scores_rise_from_0_to_100(region: Region) -> None:
    config = region.dependency()
    concepts = {r["question_concept_id"] for r in region.rows("survey/codebook_2026.csv")}
    assert len(config["drivers"]) == 7
    for driver, facts in config["drivers"].items():
        points = facts["breakpoints"]
        assert points[0] == [0, 0] and points[-1][1] == 100, driver
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(points)), driver
        assert set(facts["concepts"]) <= concepts


def test_market_fit_weights_add_up(region: Region) -> None:
    config = region.market_fit()
    assert sum(config["weights"].values()) == pytest.approx(1.0)
    assert config["score_version"] == METHOD_VERSION
    MarketFitConfig.from_mapping({**config, "home_country": "DE", "home_country_label_de": "Deutschland"})


def test_years_of_markets_are_those_the_intervals_use() -> None:
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8"))
    assert project["vars"]["market_fit_years"] == YEARS


@pytest.mark.parametrize("profile", ["sample", "real", "live"])
def test_every_gate_is_read_by_a_rule(region: Region, profile: str) -> None:
    """An entry that nothing reads would look like a guard and be none."""
    rooms = [(ROOT / "quality", "*.py"), (ROOT / "ingest", "*.py"), (ROOT / "dbt_project", "*.sql"), (ROOT / "dbt_project" / "models", "*.yml")]  # fmt: skip
    code = "".join(p.read_text("utf-8") for room, files in rooms for p in room.rglob(files) if "target" not in p.parts)
    for rule_id, rule in region.gates(profile).items():
        assert re.search(rf"""["']{rule_id}["']|rule_id: {rule_id}""", code), rule_id
        for limit in rule["limits"]:
            in_code = rf"""["']{rule_id}["'], ["']{limit}["']"""
            assert re.search(rf"{in_code}|rule_id: {rule_id}, at_(most|least): {limit}", code), f"{rule_id}: {limit}"


def test_floors_and_totals_name_what_is_published(region: Region) -> None:
    tables = {name for _, name in audience_table().shares}
    for profile in ("sample", "real", "live"):
        assert set(region.gates(profile)["MRT-002"]["limits"]["min_rows"]) <= tables
    assert set(region.gates("live")["REL-002"]["limits"]["change_max_pct"]) <= {name for _, name, _ in TOTALS}


@pytest.mark.parametrize("text", ["BIX-001: {severity: warn}", "MRT-003: {severity: blok}"])
def test_a_region_cannot_disarm_a_rule(tmp_path: Path, region: Region, text: str) -> None:
    (tmp_path / "region.yml").write_text((region.folder / "region.yml").read_text("utf-8"), "utf-8")
    (tmp_path / "gates.yml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="severity"):
        Region.load(str(tmp_path)).gates("sample")


def test_a_region_cannot_be_laxer_than_official_statistics(tmp_path: Path, region: Region) -> None:
    (tmp_path / "region.yml").write_text((region.folder / "region.yml").read_text("utf-8"), "utf-8")
    (tmp_path / "privacy.yml").write_text("k: 1", "utf-8")
    with pytest.raises(SettingsError, match="k is 1"):
        _ = Region.load(str(tmp_path)).privacy


def test_sample_has_higher_floors_than_the_general_ones(region: Region) -> None:
    general, sample = (region.gates(p)["MRT-002"]["limits"]["min_rows"] for p in ("none", "sample"))
    assert set(general) < set(sample) and all(sample[k] >= general[k] for k in general)
    assert sample["mart_market_fit"] > 0


def test_privacy_limits(region: Region) -> None:
    privacy = region.privacy
    assert privacy["k"] == 5 and privacy["dominance_1"] == 0.75 and privacy["dominance_2"] == 0.85
    assert privacy["high_score_from"] == 70


def test_defaults_hold_no_regional_fact(region: Region) -> None:
    facts = (
        [k.ags for k in region.kreise]
        + [k.name for k in region.kreise]
        + [m["name"] for m in region.municipalities]
        + ["SIHK", "NRW"]
    )
    for path in DEFAULT_FOLDER.rglob("*.*"):
        text = path.read_text("utf-8")
        assert not [f for f in facts if re.search(rf"\b{re.escape(f)}\b", text)], path.name
