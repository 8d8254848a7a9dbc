import dataclasses

import pytest

from warehouse.errors import SettingsError
from warehouse.methods.market_fit import METHOD_VERSION, MarketFitConfig


def test_defaults_and_given_values(settings):
    config = MarketFitConfig.from_mapping(settings)
    assert (config.targets_per_company, config.perturbation, config.score_version) == (50, 0.2, METHOD_VERSION)
    assert config.automotive_prefixes == ("8708",) and config.weights["capability"] == 0.30
    assert config.breakpoints["origin_hhi"][0] == (0.05, 100.0)
    assert MarketFitConfig.from_mapping({**settings, "targets_per_company": 7}).targets_per_company == 7
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.perturbation = 0.5


@pytest.mark.parametrize(
    "key",
    [
        "weights",
        "part_weights",
        "breakpoints",
        "candidate_proximity_floor",
        "automotive_prefixes",
        "home_country",
        "home_country_label_de",
    ],
)
def test_a_missing_key_is_named(settings, key):
    del settings[key]
    with pytest.raises(SettingsError, match=f"missing: {key}"):
        MarketFitConfig.from_mapping(settings)


def test_an_unknown_key_is_named_at_every_level(settings):
    with pytest.raises(SettingsError, match="unknown: wieghts"):
        MarketFitConfig.from_mapping({**settings, "wieghts": {}})
    with pytest.raises(SettingsError, match="weights: unknown: luck"):
        MarketFitConfig.from_mapping({**settings, "weights": {**settings["weights"], "luck": 1}})
    del settings["breakpoints"]["home_share"]
    with pytest.raises(SettingsError, match="breakpoints: missing: home_share"):
        MarketFitConfig.from_mapping(settings)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("weights", "demand"), 0, "demand is 0"),
        (("weights", "demand"), "much", "demand is 'much'"),
        (("part_weights", "product_country", "access"), 3, "part_weights.product_country.access"),
        (("part_weights", "industry_segment"), {}, "part_weights.industry_segment: missing: access, demand"),
        (("level_points", "own"), 101, "level_points: own is 101"),
        (("group_counts", "process"), 1.5, "group_counts: process is 1.5"),
        (("automotive_wz_prefixes",), "29", "automotive_wz_prefixes"),
        (("gap_quantile",), 0.7, "gap_quantile"),
        (("breakpoints", "import_value_eur"), [[0, 0], [1e9, 100]], "log scale"),
        (("breakpoints", "origin_hhi"), [[0, 0], [0.5, 90], [1, 20]], "breakpoints.origin_hhi"),
        (("automotive_prefixes",), "8708", "automotive_prefixes"),
        (("automotive_prefixes",), [8708], "automotive_prefixes"),
        (("candidate_proximity_floor",), 1.5, "candidate_proximity_floor"),
        (("perturbation",), True, "perturbation"),
        (("targets_per_company",), 0, "targets_per_company"),
    ],
)
def test_senseless_values_are_refused_by_name(settings, path, value, named):
    place = settings
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SettingsError, match=named):
        MarketFitConfig.from_mapping(settings)
