"""The competence route, the split of a score and the intervals over years and gaps, each by hand."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.methods.market_fit import Facts, MarketFitConfig, score
from warehouse.methods.market_fit.alternatives import ALTERNATIVE_COUNT, alternatives
from warehouse.methods.market_fit.competence_route import matches, overlap
from warehouse.methods.market_fit.components import combine
from warehouse.methods.market_fit.inputs import COMPONENTS, SCORE_COLUMNS
from warehouse.methods.market_fit.split import points, split

# Rail asks for three processes, a material and a certificate; aircraft for a certificate alone; hardening for hardening.
REQUIREMENTS = pl.DataFrame(
    [
        ("30.20", "hardening", "process", "Härten"),
        ("30.20", "welding", "process", "Schweißen"),
        ("30.20", "forging", "process", "Schmieden"),
        ("30.20", "mat_steel", "material", "Stahl"),
        ("30.20", "ISO22163", "certification", "ISO 22163"),
        ("30.30", "EN9100", "certification", "EN 9100"),
        ("25.61", "hardening", "process", "Härten"),
    ],
    schema=["target_wz2008_code", "competence_id", "competence_group_code", "competence_name_de"],
    orient="row",
)
INDUSTRY = {
    "target_wz2008_code": "30.20",
    "year": 2023,
    "industry_label_de": "Schienenfahrzeugbau",
    "employment_wz_code": "30.2",
    "regional_wz_code": "30",
    "industry_export_value_eur": 1e9,
    "industry_export_cagr_5y_pct": 5.0,
    "industry_employees_count": 1e4,
    "industry_employment_change_5y_pct": -5.0,
    "regional_employees_count": 100.0,
    "regional_location_quotient": 1.0,
    "destination_hhi": 0.25,
}
NOTHING = pl.DataFrame(schema={"company_id": pl.String, "hs6_code": pl.String, "product_share_pct": pl.Float64})
NO_PROXIMITY = pl.DataFrame(schema={"product_code_a": pl.String, "product_code_b": pl.String, "proximity": pl.Float64})
MARKET = {
    "hs6_code": "841391",
    "country_iso2_code": "FR",
    "target_wz2008_code": "30.20",
    "year": 2023,
    "hs6_label_de": "Teile",
    "country_label_de": "Frankreich",
    "import_value_eur": 1e8,
    "import_cagr_5y_pct": 5.0,
    "unit_value_eur_per_kg": 20.0,
    "is_single_market": True,
    "home_export_value_eur": 1e7,
    "home_share": 0.2,
    "origin_hhi": 0.25,
}


@pytest.fixture
def config(settings):
    return MarketFitConfig.from_mapping(settings)


def masters(*held, company="C-1"):
    return pl.DataFrame(
        [(company, what, level) for what, level in held],
        schema={"company_id": pl.String, "competence_id": pl.String, "level_code": pl.String},
        orient="row",
    )


def scored(config, competences, *industries, wz="25.61", markets=(), products=NOTHING, proximity=NO_PROXIMITY):
    companies = pl.DataFrame({"company_id": ["C-1"], "wz2008_code": [wz], "automotive_band_mid_pct": [65.0]})
    market = pl.DataFrame([{**MARKET, **change} for change in markets] or [MARKET], infer_schema_length=None)
    facts = Facts(
        companies=companies,
        products=products,
        competences=competences,
        markets=market if markets else market.clear(),
        industries=pl.DataFrame([{**INDUSTRY, **change} for change in industries], infer_schema_length=None),
        requirements=REQUIREMENTS,
        proximity=proximity,
    )
    return score(facts, config).to_dicts()


def test_the_overlap_is_the_mean_of_the_best_of_each_kind(config):
    held = masters(("hardening", "own_core"), ("welding", "planned"), ("forging", "purchased"), ("mat_steel", None))
    got = overlap(held, REQUIREMENTS, config).filter(pl.col("target_wz2008_code") == "30.20").to_dicts()[0]
    # Processes: the best two of 100, 20 and 0. Material held, certificate not: 0.6 x 60 + 0.2 x 100 + 0.2 x 0.
    assert got["competence_overlap"] == pytest.approx(56)
    assert (got["matched_count"], got["process_count"]) == (3, 2), "what is bought is not mastered"
    assert got["matched_names_de"] == "Härten, Schweißen, Stahl" and got["missing_certificates_de"] == "ISO 22163"


def test_more_than_the_best_few_do_not_count(config):
    everything = masters(*((what, "own_core") for what in ("hardening", "welding", "forging", "mat_steel", "ISO22163")))
    got = overlap(everything, REQUIREMENTS, config).filter(pl.col("target_wz2008_code") == "30.20")
    assert got["competence_overlap"].to_list() == [100] and got["missing_certificates_de"].to_list() == [None]


def test_kinds_an_industry_does_not_ask_for_do_not_count(config):
    got = overlap(masters(("hardening", "own")), REQUIREMENTS, config)
    assert dict(got.select("target_wz2008_code", "competence_overlap").iter_rows())["25.61"] == 80


def test_a_level_that_was_not_stated_counts_less_than_a_stated_one(config):
    points_of = {
        level: matches(masters(("hardening", level)), REQUIREMENTS, config.level_points)["points"].to_list()
        for level in ("own", None)
    }
    assert points_of == {"own": [80, 80], None: [60, 60]}


def test_a_hardening_shop_without_a_product_code_has_targets_by_hand(config):
    held = masters(("hardening", "own_core"), ("welding", "own"), ("ISO22163", None))
    (row,) = scored(config, held, {}, {"target_wz2008_code": "25.61"}, {"target_wz2008_code": "30.30"})
    assert row["target_market_id"] == "WZ2008-30.20" and row["target_type_code"] == "industry_segment"
    assert row["target_label_de"] == "Schienenfahrzeugbau (WZ 30.20)" and row["hs6_code"] is None
    # 0.6 x 90 + 0.2 x 0 + 0.2 x 100; demand 0.4 x 40 + 0.3 x 70 + 0.2 x 50 + 0.1 x 37.5; access 0.5 x 40 + 0.5 x 50.
    assert row["capability_score"] == pytest.approx(74) and row["demand_score"] == pytest.approx(50.75)
    assert row["access_score"] == pytest.approx(45) and row["resilience_score"] == pytest.approx(60)
    assert row["diversification_score"] == pytest.approx(82.5), "rail is outside the industry of cars"
    core = math.exp((0.30 * math.log(74) + 0.25 * math.log(50.75)) / 0.55)
    assert row["fit_score"] == pytest.approx(0.55 * core + 0.15 * 45 + 0.1 * 60 + 0.2 * 82.5)
    assert row["evidence_count"] == 6, "exports, people at home and in the region, three competences"
    assert "Härten" in row["reason_1_de"] + row["reason_2_de"] and row["relatedness_density"] is None
    assert row["counter_reason_de"] and row["confidence_code"] == "high"


def test_rivals_and_bare_materials_are_no_targets(config):
    """The own industry is no customer; who shares a material or a certificate alone is none either."""
    assert scored(config, masters(("mat_steel", None), ("EN9100", None)), {}, {"target_wz2008_code": "30.30"}) == []
    held = masters(("hardening", "own_core"))
    rail = scored(config, held, {}, {"target_wz2008_code": "25.61"}, wz="30.20")
    assert [row["target_wz2008_code"] for row in rail] == ["25.61"]


def test_the_floor_of_the_overlap_decides(settings):
    held = masters(("hardening", "own_core"))
    assert scored(MarketFitConfig.from_mapping(settings), held, {}) == [], "0.6 x 50 of 100 lies below 40"
    settings["candidate_overlap_floor"] = 30
    assert len(scored(MarketFitConfig.from_mapping(settings), held, {})) == 1


def test_a_missing_certificate_speaks_against(config):
    (row,) = scored(config, masters(("hardening", "own_core"), ("welding", "own_core")), {})
    assert row["counter_reason_de"] == "Fehlender Nachweis, in dieser Branche üblich: ISO 22163."


def test_car_makers_diversify_an_automotive_company_less(config):
    cars = REQUIREMENTS.with_columns(target_wz2008_code=pl.lit("29.32"))
    held = masters(("hardening", "own_core"), ("welding", "own_core"))
    companies = pl.DataFrame({"company_id": ["C-1"], "wz2008_code": [None], "automotive_band_mid_pct": [65.0]})
    facts = Facts(companies.with_columns(pl.col("wz2008_code").cast(pl.String)), NOTHING, held, pl.DataFrame([MARKET]).clear(),
                  pl.DataFrame([{**INDUSTRY, "target_wz2008_code": "29.32"}]), cars, NO_PROXIMITY)  # fmt: skip
    assert score(facts, config)["diversification_score"].to_list() == [17.5]


def test_competences_count_beside_the_proximity(config):
    products = pl.DataFrame({"company_id": ["C-1"], "hs6_code": ["732020"], "product_share_pct": [100.0]})
    near = pl.DataFrame({"product_code_a": ["732020"], "product_code_b": ["841391"], "proximity": [0.5]})
    held = masters(("hardening", "own_core"), ("welding", "own_core"), ("mat_steel", None), ("ISO22163", None))
    (with_both,) = scored(
        config, held, {"target_wz2008_code": "01.11"}, markets=({},), products=products, proximity=near
    )
    # 0.8 x 50 + 0.2 x 100; without an answer on competences the proximity is all there is.
    assert with_both["capability_score"] == pytest.approx(60) and with_both["evidence_count"] == 7
    # The same industry's product that nothing links to the company's own is no market for it, whatever it masters.
    markets = ({}, {"hs6_code": "860711"})
    got = scored(config, held, {"target_wz2008_code": "01.11"}, markets=markets, products=products, proximity=near)
    assert [row["hs6_code"] for row in got] == ["841391"]
    (alone,) = scored(config, masters().clear(), {}, markets=({},), products=products, proximity=near)
    assert alone["capability_score"] == pytest.approx(50) and alone["evidence_count"] == 3


def test_both_routes_share_one_ranking(config):
    products = pl.DataFrame({"company_id": ["C-1"], "hs6_code": ["841391"], "product_share_pct": [100.0]})
    held = masters(("hardening", "own_core"), ("welding", "own_core"), ("mat_steel", None), ("ISO22163", None))
    got = scored(
        config, held, {}, markets=({}, {"country_iso2_code": "IT", "import_value_eur": 1.1e6}), products=products
    )
    assert {row["target_type_code"] for row in got} == {"product_country", "industry_segment"}
    assert [row["rank_in_company"] for row in got] == [1, 2, 3]
    assert [row["fit_score"] for row in got] == sorted((row["fit_score"] for row in got), reverse=True)


def test_other_years_widen_the_interval_and_a_wide_one_is_uncertain(settings):
    """FR leads today by one good year; in the two before it fell behind IT, AT and PL."""
    settings["uncertain_rank_width"] = 2
    config = MarketFitConfig.from_mapping(settings)
    products = pl.DataFrame({"company_id": ["C-1"], "hs6_code": ["841391"], "product_share_pct": [100.0]})
    today = [{}, *({"country_iso2_code": c, "import_value_eur": v} for c, v in (("IT", 9e7), ("AT", 8e7), ("PL", 7e7)))]
    before = [
        {"year": y, **({**change} if change else {"import_value_eur": 2e6})} for y in (2022, 2021) for change in today
    ]
    still = scored(config, masters().clear(), {"year": 2023}, markets=tuple(today), products=products)
    moved = scored(config, masters().clear(), {"year": 2023}, markets=(*today, *before), products=products)
    assert next((r["country_iso2_code"], r["rank_low"], r["rank_high"]) for r in still) == ("FR", 1, 1)
    assert next((r["country_iso2_code"], r["rank_low"], r["rank_high"]) for r in moved) == ("FR", 1, 4)
    assert {r["country_iso2_code"]: r["rank_low"] for r in moved} == {"FR": 1, "IT": 1, "AT": 2, "PL": 3}
    assert (still[0]["confidence_code"], moved[0]["confidence_code"]) == ("high", "low")
    assert [r["fit_score"] for r in still] == [r["fit_score"] for r in moved], "the newest year alone is scored"


def test_a_gap_is_tried_low_and_high(config):
    products = pl.DataFrame({"company_id": ["C-1"], "hs6_code": ["841391"], "product_share_pct": [100.0]})
    countries = [
        {"country_iso2_code": c, "origin_hhi": h} for c, h in (("FR", None), ("IT", 0.05), ("AT", 0.25), ("PL", 0.8))
    ]
    got = {
        r["country_iso2_code"]: r for r in scored(config, masters().clear(), {}, markets=countries, products=products)
    }
    assert (
        got["FR"]["rank_high"] - got["FR"]["rank_low"] >= 1 and got["FR"]["missing_inputs"] == "resilience.origin_hhi"
    )


def test_alternatives_are_all_samples_of_the_years_and_both_ways_to_fill_a_gap():
    newest = {"size": np.array([90.0, np.nan, 10.0])}
    earlier = [{"size": np.array([60.0, 50.0, np.nan])}, {"size": np.array([30.0, 50.0, np.nan])}]
    got = [found["size"] for found in alternatives(newest, earlier, 0.1)]
    assert len(got) == ALTERNATIVE_COUNT == 12
    assert sorted(values[0] for values in got[:10]) == [30, 40, 50, 50, 60, 60, 70, 70, 80, 90]
    assert all(np.isnan(values[1]) and values[2] == 10 for values in got[:10]), (
        "a gap stays one, an unseen year is skipped"
    )
    assert got[10][1] == pytest.approx(18) and got[11][1] == pytest.approx(82)


def test_alternatives_of_one_year_are_that_year():
    newest = {"size": np.array([90.0, 20.0])}
    assert all(np.array_equal(found["size"], newest["size"]) for found in alternatives(newest, [], 0.1))


SCORES = st.one_of(st.none(), st.floats(0, 100, allow_subnormal=False))


@given(st.lists(st.tuples(st.floats(0, 100, allow_subnormal=False), *[SCORES] * 4), min_size=1, max_size=20))
def test_the_split_adds_up_to_the_score_whatever_is_missing(rows):
    table = np.array([[np.nan if v is None else v for v in row] for row in rows]).T
    weights = np.array([0.35, 0.25, 0.15, 0.10, 0.15])
    share, given_points = points(table, weights)
    np.testing.assert_allclose(np.nansum(given_points, axis=0), combine(table, weights[None, :])[0], atol=1e-8)
    np.testing.assert_allclose(np.nansum(share, axis=0), 1.0)
    assert (np.isnan(given_points) == np.isnan(table)).all()


def test_the_split_by_hand():
    weights = np.full(5, 0.2)
    _, equal = points(np.array([[40.0, 40.0, 10.0, 20.0, 30.0]]).T, weights)
    assert equal.ravel().tolist() == pytest.approx([8, 8, 2, 4, 6])
    _, uneven = points(np.array([[100.0, 25.0, 0.0, 0.0, 0.0]]).T, weights)
    # The core is 50; demand alone is not perfect, so all of its loss of 20 points is demand's.
    assert uneven.ravel().tolist() == pytest.approx([20, 0, 0, 0, 0], abs=1e-9)


def test_split_rows_carry_the_key_and_leave_out_what_was_not_computed():
    frame = pl.DataFrame(
        {
            **{"company_id": ["C-1"], "target_market_id": ["x"], "score_version": ["v"]},
            **{name: [50.0] for name in SCORE_COLUMNS},
            "resilience_score": [None],
        },
        schema_overrides={"resilience_score": pl.Float64},
    )
    got = split(frame, dict.fromkeys(COMPONENTS, 1.0))
    assert got["component_code"].to_list() == ["capability", "demand", "access", "diversification"]
    assert got["max_points"].to_list() == [25] * 4 and got["points"].sum() == pytest.approx(50)
