"""The score against hand-computed figures, planted truth and its control, and every rule of what may be a target."""

import math

import numpy as np
import polars as pl
import pytest

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.market_fit import (
    METHOD_VERSION,
    OUTPUT_SCHEMA,
    Facts,
    MarketFitConfig,
    fit_from_components,
    score,
)
from warehouse.methods.market_fit.inputs import COMPONENTS, INDUSTRY, TARGET_INPUTS

MARKET = {
    "hs6_code": "841391",
    "country_iso2_code": "FR",
    "import_value_eur": 1e8,
    "import_cagr_5y_pct": 5.0,
    "origin_hhi": 0.25,
    "unit_value_eur_per_kg": 20.0,
    "home_export_value_eur": 1e7,
    "home_share": 0.2,
    "is_single_market": True,
    "year": 2023,
    "hs6_label_de": "Teile von Pumpen",
    "country_label_de": "Frankreich",
    "target_wz2008_code": None,
}
PRODUCTS = pl.DataFrame(
    {"company_id": ["C-1", "C-1"], "hs6_code": ["732020", "848210"], "product_share_pct": [60.0, 40.0]}
)
EXPOSURE = pl.DataFrame({"company_id": ["C-1"], "automotive_band_mid_pct": [50.0]})
NO_COMPETENCES = pl.DataFrame(schema=dict.fromkeys(("company_id", "competence_id", "level_code"), pl.String))
NO_REQUIREMENTS = pl.DataFrame(
    schema=dict.fromkeys(
        ("target_wz2008_code", "competence_id", "competence_group_code", "competence_name_de"), pl.String
    )
)
NO_INDUSTRIES = pl.DataFrame(
    schema={
        **dict.fromkeys(
            ("target_wz2008_code", "industry_label_de", "employment_wz_code", "regional_wz_code"), pl.String
        ),
        "year": pl.Int32,
        **{name: pl.Float64 for names in TARGET_INPUTS[INDUSTRY].values() for name in names},
    }
)
PROXIMITY = pl.DataFrame(
    {
        "product_code_a": ["732020", "841391", "732020"],
        "product_code_b": ["841391", "848210", "870829"],
        "proximity": [0.5, 0.3, 0.4],
    }
)


def markets(*changes):
    return pl.DataFrame([{**MARKET, **change} for change in changes], infer_schema_length=None)


@pytest.fixture
def config(settings):
    return MarketFitConfig.from_mapping(settings)


def by_product(products, exposure, market, proximity, config):
    """The product route alone: nobody said anything of competences."""
    companies = (
        exposure if "wz2008_code" in exposure.columns else exposure.with_columns(wz2008_code=pl.lit(None, pl.String))
    )
    facts = Facts(companies, products, NO_COMPETENCES, market, NO_INDUSTRIES, NO_REQUIREMENTS, proximity)
    return score(facts, config)


def rows(config, *changes, products=PRODUCTS, exposure=EXPOSURE, proximity=PROXIMITY):
    return by_product(products, exposure, markets(*changes), proximity, config).to_dicts()


def test_one_row_by_hand(config):
    (row,) = rows(config, {})
    # Capability: nearest own product 0.5. Demand: 0.5 x 70 + 0.3 x 70 + 0.2 x 75. Access: 0.4 x 100 + 0.4 x 75 + 0.2 x 100.
    assert row["capability_score"] == pytest.approx(50) and row["demand_score"] == pytest.approx(71)
    assert row["access_score"] == pytest.approx(90) and row["resilience_score"] == pytest.approx(60)
    # Half automotive, target outside: half way from 50 to 100.
    assert row["diversification_score"] == pytest.approx(75)
    # Core 50^(30/55) x 71^(25/55) = 58.64; 0.55 x 58.64 + 0.15 x 90 + 0.10 x 60 + 0.20 x 75.
    assert row["fit_score"] == pytest.approx(0.55 * 58.6395 + 34.5, abs=1e-3)
    # Shares 60 and 40 lie in the bands 60-80 and 40-60: weights 70 and 50.
    assert row["relatedness_density"] == pytest.approx((70 * 0.5 + 50 * 0.3) / 120)
    assert (row["rank_in_company"], row["rank_low"], row["rank_high"]) == (1, 1, 1)
    assert row["confidence_code"] == "high" and row["missing_inputs"] is None
    assert row["evidence_count"] == 4, "import row, home sales row, two related products"
    assert row["target_market_id"] == "841391-FR" and row["target_label_de"] == "Teile von Pumpen – Frankreich"
    assert (row["target_type_code"], row["score_version"], row["target_wz2008_code"]) == (
        "product_country",
        METHOD_VERSION,
        None,
    )
    assert row["reason_1_de"] and row["reason_2_de"] and row["counter_reason_de"]


def test_the_columns_are_the_contract_s(config):
    contract = [
        *(
            "company_id",
            "target_market_id",
            "score_version",
            "target_type_code",
            "target_label_de",
            "hs6_code",
        ),
        *(
            "country_iso2_code",
            "target_wz2008_code",
            "fit_score",
            "capability_score",
            "demand_score",
            "access_score",
        ),
        *(
            "resilience_score",
            "diversification_score",
            "relatedness_density",
            "evidence_count",
            "confidence_code",
        ),
        *(
            "reason_1_de",
            "reason_2_de",
            "counter_reason_de",
            "missing_inputs",
            "rank_in_company",
            "rank_low",
            "rank_high",
        ),
    ]
    frame = by_product(PRODUCTS, EXPOSURE, markets({}), PROXIMITY, config)
    assert frame.columns == contract and frame.schema == OUTPUT_SCHEMA
    nobody = by_product(PRODUCTS.clear(), EXPOSURE, markets({}), PROXIMITY, config)
    assert nobody.is_empty() and nobody.schema == OUTPUT_SCHEMA
    assert by_product(PRODUCTS, EXPOSURE, markets({}).clear(), PROXIMITY, config).is_empty()


def test_what_may_be_a_target(config):
    got = rows(
        config,
        {},
        {"country_iso2_code": "DE"},
        {"country_iso2_code": "PL", "import_value_eur": 999_999.0},
        {"country_iso2_code": "CZ", "import_value_eur": None},
        {"hs6_code": "732020"},
        {"hs6_code": "732020", "country_iso2_code": "DE"},
        {"hs6_code": "300490"},
    )
    assert {row["target_market_id"] for row in got} == {"841391-FR", "732020-FR"}
    own = next(row for row in got if row["hs6_code"] == "732020")
    assert own["capability_score"] == 100, "an own product abroad is a target, and fully mastered"


def test_the_floor_decides_on_candidates(settings):
    settings["candidate_proximity_floor"] = 0.45
    config = MarketFitConfig.from_mapping(settings)
    got = rows(config, {}, {"hs6_code": "870829"})
    assert [row["hs6_code"] for row in got] == ["841391"] and got[0]["evidence_count"] == 3


def test_automotive_targets_diversify_an_automotive_company_less(config):
    got = {row["hs6_code"]: row for row in rows(config, {}, {"hs6_code": "870829"})}
    assert got["841391"]["diversification_score"] == 75 and got["870829"]["diversification_score"] == 25


@pytest.mark.parametrize(
    ("change", "component", "missing"),
    [
        ({"origin_hhi": None}, "resilience", "resilience.origin_hhi"),
        (
            {"is_single_market": None, "home_export_value_eur": None, "home_share": None},
            "access",
            "access.is_single_market, access.home_export_value_eur, access.home_share",
        ),
        ({"origin_hhi": float("nan")}, "resilience", "resilience.origin_hhi"),
    ],
)
def test_a_component_without_inputs_drops_out_and_says_so(config, change, component, missing):
    (row,) = rows(config, change)
    (full,) = rows(config, {})
    assert row[f"{component}_score"] is None and row["missing_inputs"] == missing
    assert row["confidence_code"] == "medium"
    weight = config.weights[component]
    total_without = full["fit_score"] - weight * full[f"{component}_score"]
    assert row["fit_score"] == pytest.approx(total_without / (1 - weight)), "the other weights fill its place"


def test_a_missing_input_leaves_the_rest_of_its_component(config):
    (row,) = rows(config, {"import_cagr_5y_pct": None})
    assert row["demand_score"] == pytest.approx((0.5 * 70 + 0.2 * 75) / 0.7)
    assert row["missing_inputs"] == "demand.import_cagr_5y_pct" and row["confidence_code"] == "medium"


def test_a_market_half_way_between_two_powers_of_ten_scores_half_way(config):
    (row,) = rows(config, {"import_value_eur": 10**7.5, "import_cagr_5y_pct": None, "unit_value_eur_per_kg": None})
    assert row["demand_score"] == pytest.approx((35 + 70) / 2)


def test_an_unanswered_exposure_is_missing_and_two_gaps_are_low_confidence(config):
    for exposure in (
        EXPOSURE.clear(),
        EXPOSURE.with_columns(automotive_band_mid_pct=pl.lit(None, pl.Float64)),
    ):
        (row,) = rows(config, {"origin_hhi": None}, exposure=exposure)
        assert row["diversification_score"] is None and row["confidence_code"] == "low"
        assert row["missing_inputs"] == "resilience.origin_hhi, diversification.automotive_band_mid_pct"


def test_a_market_without_capability_does_not_win_on_size(config):
    """Geometric core: a huge market far from the company's ability ranks below a middling one close to it."""
    near_and_far = pl.DataFrame(
        {"product_code_a": ["732020"] * 2, "product_code_b": ["841391", "870829"], "proximity": [0.75, 0.3]}
    )
    same = {"import_cagr_5y_pct": None, "unit_value_eur_per_kg": None}  # Demand is size alone here.
    got = rows(
        config,
        {"import_value_eur": 1.5e7, **same},
        {"hs6_code": "870829", "import_value_eur": 1e9, **same},
        proximity=near_and_far,
        exposure=EXPOSURE.clear(),
    )
    assert [row["hs6_code"] for row in got] == ["841391", "870829"]
    arithmetic = [0.3 * row["capability_score"] + 0.25 * row["demand_score"] for row in got]
    assert arithmetic[0] < arithmetic[1], "the arithmetic mean would have it the other way round"


def test_stored_components_give_the_stored_score(config):
    frame = planted(config)[0]
    again = fit_from_components(frame, config.weights)
    assert (again - frame["fit_score"]).abs().max() <= 0.01
    assert frame.select(pl.col("resilience_score").null_count()).item() > 0, "rows with gaps are among them"
    other = fit_from_components(frame, {**config.weights, "access": 0.9})
    assert (other - frame["fit_score"]).abs().max() > 1


def test_zero_components_stay_numbers():
    frame = pl.DataFrame({f"{name}_score": [0.0, None] for name in COMPONENTS}, schema_overrides={})
    frame = frame.with_columns(pl.all().cast(pl.Float64))
    assert fit_from_components(frame, dict.fromkeys(COMPONENTS, 1.0)).to_list() == [0.0, None]
    half = pl.DataFrame({f"{name}_score": [100.0 if name != "demand" else 0.0] for name in COMPONENTS})
    assert fit_from_components(half, dict.fromkeys(COMPONENTS, 1.0))[0] == pytest.approx(60)


def test_ties_go_to_the_bigger_market_then_by_code(settings):
    for size in settings["breakpoints"]["import_value_eur"]:
        size[1] = 50  # Size decides nothing here, so all scores are equal.
    config = MarketFitConfig.from_mapping(settings)
    got = rows(
        config,
        {"country_iso2_code": "IT"},
        {"country_iso2_code": "AT"},
        {"country_iso2_code": "ES", "import_value_eur": 2e8},
    )
    assert [row["country_iso2_code"] for row in got] == ["ES", "AT", "IT"]
    assert len({row["fit_score"] for row in got}) == 1
    assert [row["rank_high"] for row in got] == [1, 2, 3], "ties are broken alike under all weights"


def test_rank_intervals_are_those_of_a_full_recount(config):
    """Where no figure is missing and one year is known, the weights alone move the ranks."""
    _, (products, exposure, market, proximity) = planted(config)
    inputs = (products, exposure, market.with_columns(pl.col("origin_hhi").fill_null(0.3)), proximity)
    frame = by_product(*inputs, config)
    everything = by_product(
        *inputs, MarketFitConfig.from_mapping({**settings_of(config), "targets_per_company": 10**6})
    )
    company = everything.filter(pl.col("company_id") == "C-03")
    imports = inputs[2].select("hs6_code", "country_iso2_code", "import_value_eur")
    company = company.join(imports, on=["hs6_code", "country_iso2_code"], how="left")
    ranks = []
    for component in (None, *COMPONENTS):
        for factor in (1.2, 0.8):
            weights = {n: w * (factor if n == component else 1) for n, w in config.weights.items()}
            order = company.with_columns(again=fit_from_components(company, weights).round(9)).sort(
                "again",
                "import_value_eur",
                "hs6_code",
                "country_iso2_code",
                descending=[True, True, False, False],
            )
            ranks.append(order.with_row_index("rank", 1).select("target_market_id", "rank"))
    bounds = pl.concat(ranks).group_by("target_market_id").agg(low=pl.col("rank").min(), high=pl.col("rank").max())
    got = frame.filter(pl.col("company_id") == "C-03").join(bounds, on="target_market_id")
    assert got.height == config.targets_per_company
    assert got["rank_low"].to_list() == got["low"].to_list() and got["rank_high"].to_list() == got["high"].to_list()
    assert (got["rank_low"] <= got["rank_in_company"]).all() and (got["rank_in_company"] <= got["rank_high"]).all()
    assert (got["rank_low"] < got["rank_high"]).any(), "the weights do move ranks here"


def settings_of(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


CLUSTERS, PER_CLUSTER = 6, 8


def planted(config, shuffle_seed=None):
    """A world with a truth: products of one cluster are related, companies are at home in one cluster each.

    With a seed the labels of the products in the proximity table are shuffled, which leaves all its numbers in place
    and takes their meaning away.
    """
    random = np.random.default_rng(4)
    codes = [f"84{cluster}{i}00" for cluster in range(CLUSTERS) for i in range(PER_CLUSTER)]
    cluster_of = np.repeat(np.arange(CLUSTERS), PER_CLUSTER)
    first, second = np.triu_indices(len(codes), 1)
    same = cluster_of[first] == cluster_of[second]
    phi = np.where(same, random.uniform(0.55, 0.8, same.size), random.uniform(0.05, 0.4, same.size))
    label = np.array(codes)
    if shuffle_seed is not None:
        label = np.random.default_rng(shuffle_seed).permutation(label)
    pairs = [sorted((label[a], label[b])) for a, b in zip(first, second, strict=True)]
    proximity = pl.DataFrame(pairs, schema=["product_code_a", "product_code_b"], orient="row").with_columns(
        proximity=phi
    )
    countries = ["AT", "CN", "FR", "JP", "PL", "US"]
    grid = [(code, country) for code in codes for country in countries]
    count = len(grid)
    market = pl.DataFrame(
        {
            "hs6_code": [code for code, _ in grid],
            "country_iso2_code": [country for _, country in grid],
            "import_value_eur": np.exp(random.normal(18, 1, count)).clip(2e6),
            "import_cagr_5y_pct": random.normal(3, 4, count),
            "origin_hhi": pl.Series(random.uniform(0.05, 0.8, count)).set(pl.Series(random.random(count) < 0.1), None),
            "unit_value_eur_per_kg": np.exp(random.normal(2.5, 0.8, count)),
            "home_export_value_eur": np.exp(random.normal(15, 1.5, count)),
            "home_share": random.uniform(0, 0.3, count),
            "is_single_market": [country in ("AT", "FR", "PL") for _, country in grid],
            "year": [2023] * count,
            "hs6_label_de": [f"Ware {code}" for code, _ in grid],
            "country_label_de": [country for _, country in grid],
            "target_wz2008_code": pl.Series([None] * count, dtype=pl.String),
        }
    )
    companies = [f"C-{i:02}" for i in range(18)]
    own = [(c, codes[PER_CLUSTER * (i % CLUSTERS) + j], 50.0) for i, c in enumerate(companies) for j in (0, 1)]
    products = pl.DataFrame(own, schema=["company_id", "hs6_code", "product_share_pct"], orient="row")
    exposure = pl.DataFrame({"company_id": companies, "automotive_band_mid_pct": random.choice([10.0, 50.0, 90.0], 18)})
    inputs = (products, exposure, market, proximity)
    return by_product(*inputs, config), inputs


def share_of_planted_targets(frame, inputs):
    """Among the first ten targets of each company that it does not make: how many lie in its own cluster."""
    made = inputs[0].select("company_id", "hs6_code")
    home = made.group_by("company_id").agg(home=pl.col("hs6_code").first().str.slice(0, 3))
    new = frame.join(made, on=["company_id", "hs6_code"], how="anti").join(home, on="company_id")
    best = new.sort("company_id", "rank_in_company").group_by("company_id").head(10)
    return best.select((pl.col("hs6_code").str.slice(0, 3) == pl.col("home")).mean()).item()


def test_planted_targets_are_found_and_shuffled_labels_lose_them(config):
    assert share_of_planted_targets(*planted(config)) > 0.95
    by_chance = [share_of_planted_targets(*planted(config, shuffle_seed=seed)) for seed in range(5)]
    # Blind choice hits the own cluster in 6 of the 46 products not made.
    assert max(by_chance) < 0.4 and np.mean(by_chance) == pytest.approx(6 / 46, abs=0.12)


def test_the_order_of_the_input_does_not_matter(config):
    frame, inputs = planted(config)
    products, exposure, market, proximity = (t.sample(fraction=1.0, shuffle=True, seed=9) for t in inputs)
    assert by_product(products, exposure, market, proximity, config).equals(frame)


def test_every_row_has_reasons_and_one_argument_against(config):
    frame = planted(config)[0]
    assert frame.select("reason_1_de", "reason_2_de", "counter_reason_de").null_count().row(0) == (0, 0, 0)
    assert (frame["evidence_count"] >= 1).all() and frame["fit_score"].is_between(0, 100).all()
    assert frame.select(pl.struct("company_id", "target_market_id").is_duplicated().any()).item() is False


def test_texts_do_not_depend_on_the_company_s_own_answers(config):
    """Other shares and another automotive band may change which component is strongest, never what a sentence says."""
    answers = EXPOSURE.with_columns(automotive_band_mid_pct=pl.lit(12.5))
    other = PRODUCTS.with_columns(product_share_pct=pl.Series([11.0, 7.0]))
    (row,) = rows(config, {}, products=other, exposure=answers)
    texts = " ".join(filter(None, (row["reason_1_de"], row["reason_2_de"], row["counter_reason_de"])))
    for secret in ("12,5", "11", "732020", "848210", "C-1", " 7 "):
        assert secret not in texts


def test_shares_within_one_band_cannot_be_told_apart(config):
    def density_for(*shares):
        return rows(config, {}, products=PRODUCTS.with_columns(product_share_pct=pl.Series(shares)))[0][
            "relatedness_density"
        ]

    assert density_for(61.0, 41.0) == density_for(79.0, 59.0) != density_for(81.0, 19.0)
    assert density_for(100.0, 0.0) == pytest.approx((90 * 0.5 + 10 * 0.3) / 100), "100 % lies in the last band"


def test_products_without_a_share(config):
    def density_for(*shares):
        products = PRODUCTS.with_columns(product_share_pct=pl.Series(shares, dtype=pl.Float64))
        return rows(config, {}, products=products)[0]["relatedness_density"]

    assert density_for(None, None) == pytest.approx(0.4), "equal weights where nothing is known"
    assert density_for(70.0, None) == pytest.approx(0.7 * 0.5 + 0.3 * 0.3), "the rest of 100 % goes to the unknown"


def test_the_year_of_the_proximities_is_told_where_it_is_known(config):
    (row,) = rows(
        config,
        {"import_value_eur": 1.1e6, "origin_hhi": 0.7, "home_export_value_eur": 1e5},
        proximity=PROXIMITY.with_columns(year=pl.lit(2021)),
        exposure=EXPOSURE.clear(),
    )
    assert "0,50 von 1 (2021)" in row["reason_1_de"] + row["reason_2_de"]


def test_columns_of_a_database_are_taken_as_they_come(config):
    enums = [frame.with_columns(pl.col("hs6_code").cast(pl.Categorical)) for frame in (PRODUCTS, markets({}))]
    got = by_product(enums[0], EXPOSURE, enums[1].with_columns(target_wz2008_code=pl.lit("28.13")), PROXIMITY, config)
    assert got["target_wz2008_code"].to_list() == ["28.13"] and got["fit_score"][0] == rows(config, {})[0]["fit_score"]


def test_unusable_input_is_refused_by_name(config):
    with pytest.raises(MethodInputError, match="markets: columns origin_hhi are missing"):
        by_product(PRODUCTS, EXPOSURE, markets({}).drop("origin_hhi"), PROXIMITY, config)
    with pytest.raises(
        MethodInputError, match="markets: several rows share one hs6_code and country_iso2_code and year"
    ):
        rows(config, {}, {})
    with pytest.raises(MethodInputError, match="companies: several rows"):
        rows(config, {}, exposure=pl.concat([EXPOSURE, EXPOSURE]))


def test_the_core_is_the_weighted_geometric_mean():
    frame = pl.DataFrame({f"{n}_score": [v] for n, v in zip(COMPONENTS, (40.0, 90.0, None, None, None), strict=True)})
    frame = frame.with_columns(pl.all().cast(pl.Float64))
    got = fit_from_components(frame, {**dict.fromkeys(COMPONENTS, 1.0), "capability": 3.0})[0]
    assert got == pytest.approx(math.exp(0.75 * math.log(40) + 0.25 * math.log(90)))
