"""Against figures nobody here computed: 224 reporters x 1,222 HS4 headings of 2017."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

from warehouse.methods.product_space import ProductSpace, compute, proximity_pairs
from warehouse.methods.reflections import reflections
from warehouse.methods.relatedness import proximity

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def space(real_grid) -> ProductSpace:
    return compute(real_grid.values)


def reference(folder, name):
    return pl.read_parquet(folder / f"hs4_2017_ref_{name}.parquet")


def spearman(first, second) -> float:
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])


def test_presence_is_equal_in_every_cell(space, real_grid, real_trade):
    expected = reference(real_trade, "rca_binary")
    assert expected.height == 176_971
    got = space.presence[real_grid.rows(expected["country"]), real_grid.columns(expected["product"])]
    assert int((got != (expected["value"].to_numpy() == 1)).sum()) == 0
    assert space.presence.sum() == expected["value"].sum(), "nothing is present outside the listed cells"


def test_proximity_is_equal_in_every_pair(space, real_grid, real_trade):
    expected = reference(real_trade, "products_proximity")
    a, b = real_grid.columns(expected["from"]), real_grid.columns(expected["to"])
    np.testing.assert_allclose(space.proximity[a, b], expected["value"].to_numpy(), rtol=0, atol=1e-12)
    pairs = proximity_pairs(space, real_grid.products, 0.0)
    assert pairs.height == expected.height == 703_017
    listed = expected.select(pl.min_horizontal("from", "to").alias("a"), pl.max_horizontal("from", "to").alias("b"))
    assert pairs.join(listed, left_on=["product_code_a", "product_code_b"], right_on=["a", "b"], how="anti").is_empty()


def test_proximity_of_countries_is_that_of_the_transposed_matrix(space, real_grid, real_trade):
    expected = reference(real_trade, "countries_proximity")
    assert expected.height > 20_000
    between = proximity(space.presence.T)
    got = between[real_grid.rows(expected["from"]), real_grid.rows(expected["to"])]
    np.testing.assert_allclose(got, expected["value"].to_numpy(), rtol=0, atol=1e-12)


def test_diversity_and_ubiquity_are_equal(space, real_grid, real_trade):
    diversity, ubiquity = reference(real_trade, "diversity"), reference(real_trade, "ubiquity")
    assert space.diversity[real_grid.rows(diversity["country"])].tolist() == diversity["value"].to_list()
    assert space.ubiquity[real_grid.columns(ubiquity["product"])].tolist() == ubiquity["value"].to_list()


def test_complexity_ranks_as_the_reference_does(space, real_grid, real_trade):
    eci = reference(real_trade, "economic_complexity_index")
    pci = reference(real_trade, "product_complexity_index")
    of_location = space.eci[real_grid.rows(eci["country"])]
    assert spearman(of_location, eci["value"]) >= 0.9999 - 1e-5
    assert spearman(space.pci[real_grid.columns(pci["product"])], pci["value"]) >= 0.9999
    assert np.abs(of_location - eci["value"].to_numpy()).max() < 0.03


def test_reflections_are_the_reference_itself(space, real_grid, real_trade):
    """18 updates for ECI, 19 for PCI, ddof 1: the defaults of the method. One update more or less is another figure."""
    eci = reference(real_trade, "economic_complexity_index")
    pci = reference(real_trade, "product_complexity_index")
    rows, columns = real_grid.rows(eci["country"]), real_grid.columns(pci["product"])
    of_location, of_product = reflections(space.presence)
    np.testing.assert_allclose(of_location[rows], eci["value"].to_numpy(), rtol=0, atol=1e-9)
    np.testing.assert_allclose(of_product[columns], pci["value"].to_numpy(), rtol=0, atol=1e-9)
    further = reflections(space.presence, 20, 21)
    assert np.abs(further[0][rows] - eci["value"].to_numpy()).max() > 1e-4
    assert np.abs(further[1][columns] - pci["value"].to_numpy()).max() > 1e-4


def test_a_shuffled_reference_does_not_agree(space, real_grid, real_trade):
    eci = reference(real_trade, "economic_complexity_index")
    shuffled = eci["value"].shuffle(seed=1)
    assert abs(spearman(space.eci[real_grid.rows(eci["country"])], shuffled)) < 0.3
