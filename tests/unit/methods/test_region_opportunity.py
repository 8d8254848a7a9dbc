"""Opportunities of a region, by hand: four headings A to D of which world trade makes A with B, A and B with C, C with D.

Everybody exports 10 of what it exports, so presence in world trade is as drawn and every heading has ubiquity 2:
phi(AB) = 1, phi(AC) = phi(BC) = phi(CD) = 1/2, the rest 0; sums with the diagonal: A, B, C 2.5, D 1.5.
"""

import copy

import numpy as np
import polars as pl
import pytest

from warehouse.errors import SettingsError
from warehouse.methods.arrays import MethodInputError
from warehouse.methods.complexity import complexity
from warehouse.methods.region_opportunity import OUTPUT_SCHEMA, score, world_space
from warehouse.methods.region_opportunity_config import RegionOpportunityConfig
from warehouse.region import Region

A, B, C, D = "1111", "2222", "3333", "4444"
MADE = {"c1": (A, B), "c2": (A, B, C), "c3": (C, D), "c4": (D,)}
PRESENT = np.array([[p in made for p in (A, B, C, D)] for made in MADE.values()])
EXPORTS = pl.DataFrame(
    [{"location_code": c, "product_code": p, "value_usd": 10.0} for c, made in MADE.items() for p in made]
)
SETTINGS = {
    "score_version": "test",
    "weights": {"density": 0.5, "pci": 0.25, "demand": 0.25},
    "demand_weights": {"world_import_value_eur": 0.5, "world_import_cagr_5y_pct": 0.5},
    "breakpoints": {
        "density": [[0, 0], [1, 100]], "pci": [[-5, 0], [5, 100]],
        "world_import_value_eur": [[1, 0], [100, 100]], "world_import_cagr_5y_pct": [[0, 0], [10, 100]],
    },
    "presence_from": 1.0, "node_level_min": 2, "perturbation": 0.2, "uncertain_rank_share": 0.25,
}  # fmt: skip
DEMAND = pl.DataFrame(
    {"product_code": [A, B, C, D], "world_import_value_eur": [10.0] * 4, "world_import_cagr_5y_pct": [10.0] * 4}
)


def links(**columns):
    """Region R: 60, 20, 10 and 10 linked employees of A to D; C hides a cell and has 0 to 30. The country has 100 of each."""
    given = {
        "region_code": "R", "classification_code": "HS2017", "product_code": [A, B, C, D], "year": 2024,
        "employees_count": [60.0, 20.0, 10.0, 10.0], "low_count": [60.0, 20.0, 0.0, 10.0],
        "high_count": [60.0, 20.0, 30.0, 10.0], "base_count": 100.0, "split_count": [60.0, 0.0, 5.0, 10.0], "node_level": 3,
    }  # fmt: skip
    return pl.DataFrame({**given, **columns})


@pytest.fixture
def config():
    return RegionOpportunityConfig.from_mapping(SETTINGS)


@pytest.fixture
def rows(config):
    return score(links(), EXPORTS, DEMAND, config)


def test_specialisation_and_its_bounds(rows):
    """Estimate A: (60/100) / (1/4). Bounds hold the heading at one end and all others at the other: C at most 30/(30+90)."""
    assert rows["modelled_rca"].to_list() == pytest.approx([2.4, 0.8, 0.4, 0.4])
    assert rows["modelled_rca_low"].to_list() == pytest.approx([4 * 60 / 120, 4 * 20 / 120, 0, 4 * 10 / 120])
    assert rows["modelled_rca_high"].to_list() == pytest.approx([4 * 60 / 90, 4 * 20 / 90, 1.0, 4 * 10 / 90])
    assert rows["is_present"].to_list() == [True, False, False, False]


def test_density_with_hidden_cells_at_either_end(rows):
    """Made is A alone; at the upper bound also C, which brings B, C and D nearer."""
    assert rows["density"].to_list() == pytest.approx([1 / 2.5, 1 / 2.5, 0.5 / 2.5, 0])
    assert rows["density_low"].to_list() == rows["density"].to_list()
    assert rows["density_high"].to_list() == pytest.approx([1.5 / 2.5, 1.5 / 2.5, 1.5 / 2.5, 0.5 / 1.5])


def test_complexity_is_that_of_the_world(rows):
    """PCI is not taken from the region; the gain of B sums what is near it and absent, over its reach, by the spread of kc."""
    found = complexity(PRESENT)
    assert rows["pci"].to_list() == pytest.approx(found.pci.tolist())
    gain = (1 * found.kp[1] / 2.5 + 0.5 * found.kp[2] / 2.5) / np.std(found.kc)
    assert rows["complexity_outlook_gain"].to_list()[:2] == pytest.approx([0, gain])


def test_score_and_rank_of_what_is_not_made(rows):
    """0.5 x density + 0.25 x PCI + 0.25 x demand, where demand is (50 + 100) / 2; A is made and has no rank."""
    pci = [10 * (p + 5) for p in complexity(PRESENT).pci]
    wanted = [0.5 * d + 0.25 * c + 0.25 * 75 for d, c in zip([40, 20, 0], pci[1:], strict=True)]
    assert rows["opportunity_score"].to_list() == [None, *(pytest.approx(w) for w in wanted)]
    order = sorted(range(3), key=lambda i: -wanted[i])
    assert rows["rank_in_region"].to_list() == [None, *(order.index(i) + 1 for i in range(3))]


def test_a_rank_moves_with_hidden_cells_and_says_so(config):
    """With density alone B leads C by 40 to 20; at the upper bound both have 60 and C, by its complexity, may lead."""
    pci = complexity(PRESENT).pci
    assert pci[2] != pci[1]
    settings = copy.deepcopy(SETTINGS)
    settings["breakpoints"]["pci"] = [[-5, 0], [5, 100]] if pci[2] > pci[1] else [[-5, 100], [5, 0]]
    moved = score(links(), EXPORTS, DEMAND, RegionOpportunityConfig.from_mapping(settings))
    by_code = {r["product_code"]: r for r in moved.iter_rows(named=True)}
    assert (by_code[B]["rank_in_region"], by_code[B]["rank_low"], by_code[B]["rank_high"]) == (1, 1, 2)
    assert (by_code[C]["rank_low"], by_code[C]["rank_high"]) == (1, 2)
    assert by_code[B]["confidence_code"] == "low"  # one of three places is more than a quarter of the list


def test_what_rests_on_assumptions_is_said(config):
    rows = score(links(), EXPORTS, DEMAND, config)
    assert rows["split_share"].to_list() == [1.0, 0.0, 0.5, 1.0]
    by_code = dict(rows.select("product_code", "confidence_code").iter_rows())
    assert by_code[A] == "medium"  # made at both ends
    assert by_code[C] == "low"  # made at the upper bound only
    known = links(low_count=[60.0, 20.0, 10.0, 10.0], high_count=[60.0, 20.0, 10.0, 10.0])
    assert set(score(known, EXPORTS, DEMAND, config)["confidence_code"]) == {"medium"}
    assert set(score(known.with_columns(node_level=2), EXPORTS, DEMAND, config)["confidence_code"]) == {"low"}
    gap = DEMAND.with_columns(world_import_cagr_5y_pct=pl.lit(None, dtype=pl.Float64))
    without = score(known, EXPORTS, gap, config)
    assert set(without["confidence_code"]) == {"low"}
    assert without["opportunity_score"].null_count() == 1


def test_sections_tell_headings_not_apart(config):
    """One section shared by all: every specialisation is exactly 1, and neither presence, density nor score is claimed."""
    section = links(employees_count=[25.0] * 4, low_count=[25.0] * 4, high_count=[25.0] * 4, node_level=1)
    rows = score(section, EXPORTS, DEMAND, config)
    assert rows["modelled_rca"].to_list() == [1.0] * 4
    nothing = ("is_present", "density", "density_low", "density_high", "pci", "complexity_outlook_gain",
               "opportunity_score", "rank_in_region", "rank_low", "rank_high")  # fmt: skip
    assert all(rows[name].null_count() == 4 for name in nothing)
    assert set(rows["confidence_code"]) == {"low"}
    assert set(rows["estimation_method_code"]) == {"wz_section_only"}


def test_a_heading_known_by_section_is_no_gap_in_the_space(config):
    """B's presence is unknown: it leaves both sums of the density, so C lies at 0.5 / (0.5 + 1 + 0.5)."""
    rows = score(links(node_level=[3, 1, 3, 3]), EXPORTS, DEMAND, config)
    assert rows["density"].to_list() == [pytest.approx(1 / 1.5), None, pytest.approx(0.5 / 2.0), 0.0]
    assert rows["is_present"].to_list() == [True, None, False, False]


def test_a_world_torn_apart_gives_no_complexity_but_the_rest(config):
    torn = EXPORTS.filter(~((pl.col("location_code") == "c2") & (pl.col("product_code") == C)))
    rows = score(links(), torn, DEMAND, config)
    assert rows["pci"].null_count() == 4
    assert rows["complexity_outlook_gain"].null_count() == 4
    assert rows["opportunity_score"][1] == pytest.approx((0.5 * 50 + 0.25 * 75) / 0.75)
    assert np.isnan(world_space(torn).pci).all()


def test_what_has_no_place_is_no_row_and_no_people_is_no_number(config):
    more = pl.concat([links(), links().head(1).with_columns(product_code=pl.lit("9999"))])
    assert score(more, EXPORTS, DEMAND, config)["product_code"].to_list() == [A, B, C, D]
    empty = links(employees_count=[60.0, 0.0, 10.0, 10.0], low_count=[60.0, 0.0, 0.0, 10.0],
                  high_count=[60.0, 0.0, 30.0, 10.0], base_count=[100.0, 0.0, 100.0, 100.0], split_count=[0.0] * 4)  # fmt: skip
    [row] = score(empty, EXPORTS, DEMAND, config).filter(product_code=B).iter_rows(named=True)
    assert (row["modelled_rca"], row["is_present"], row["density"], row["split_share"]) == (None, None, None, None)


def test_order_does_not_matter_and_nothing_gives_nothing(rows, config):
    shuffled = score(links().reverse(), EXPORTS.reverse(), DEMAND.reverse(), config)
    assert shuffled.equals(rows)
    assert rows.schema == OUTPUT_SCHEMA
    for given in ((links().head(0), EXPORTS), (links(), EXPORTS.head(0))):
        assert score(*given, DEMAND, config).schema == OUTPUT_SCHEMA


def test_input_that_counts_twice_or_lacks_a_column_is_refused(config):
    with pytest.raises(MethodInputError, match="stand twice"):
        score(pl.concat([links(), links()]), EXPORTS, DEMAND, config)
    with pytest.raises(MethodInputError, match="low_count"):
        score(links().drop("low_count"), EXPORTS, DEMAND, config)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": {"density": 1, "pci": 1}}, "missing: demand"),
        ({"luck": 1}, "unknown: luck"),
        ({"presence_from": "one"}, "presence_from"),
        ({"perturbation": 1}, "perturbation"),
        ({"weights": {"density": 0, "pci": 1, "demand": 1}}, "density is 0"),
    ],
)
def test_settings_that_make_no_sense_are_named(change, message):
    with pytest.raises(SettingsError, match=message):
        RegionOpportunityConfig.from_mapping({**SETTINGS, **change})


def test_the_settings_in_force_are_readable(region: Region):
    config = RegionOpportunityConfig.from_mapping(region.region_opportunity())
    assert sum(config.weights.values()) == pytest.approx(1)
