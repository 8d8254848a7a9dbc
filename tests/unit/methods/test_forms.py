"""Forms of proximity, density and outlook beside the ones the marts use: their definitions, and what they do at the edges."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.complexity import complexity
from warehouse.methods.opportunity import opportunity_gain, opportunity_index
from warehouse.methods.outlook import outlook
from warehouse.methods.proximity_forms import as_proximity_matrix, co_presence_proximity, continuous_proximity, nearest
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.relatedness_forms import distance, knn_density, level_density, relative_relatedness
from warehouse.methods.specialisation import rca

presences = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8))
SMALL = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]], dtype=bool)


def drawn(seed, shape=(9, 14)):
    random = np.random.default_rng(seed)
    present = random.random(shape) < np.linspace(0.2, 0.8, shape[0])[:, None]
    present[-1], present[:, 0] = True, True
    return present


def test_co_presence_proximity_by_hand():
    # Products made by 3, 2 and 1 of three locations; both together by 2, 1 and 1.
    given_q = co_presence_proximity(SMALL, "given")
    np.testing.assert_allclose(given_q, [[1, 1, 1], [2 / 3, 1, 1], [1 / 3, 1 / 2, 1]])
    np.testing.assert_allclose(co_presence_proximity(SMALL, "sqrt")[0], [1, 2 / 6**0.5, 1 / 3**0.5])
    np.testing.assert_allclose(co_presence_proximity(SMALL, "min", diag=0.0), [[0, 1, 1], [1, 0, 1], [1, 1, 0]])


@given(presences, st.sampled_from([0.0, 1.0]))
def test_the_smaller_conditional_probability_is_the_proximity_of_the_marts(present, diag):
    conditional = co_presence_proximity(present, "given", diag)
    np.testing.assert_allclose(np.minimum(conditional, conditional.T), proximity(present, diag), atol=1e-15)
    np.testing.assert_allclose(np.maximum(conditional, conditional.T), co_presence_proximity(present, "min", diag))
    np.testing.assert_allclose(
        np.sqrt(conditional * conditional.T), co_presence_proximity(present, "sqrt", diag), atol=1e-15
    )


def test_a_product_nobody_makes_has_no_neighbours_in_any_form():
    present = np.array([[1, 0, 1], [1, 0, 0]], dtype=bool)
    for denominator in ("max", "sqrt", "min", "given"):
        phi = co_presence_proximity(present, denominator)
        assert not phi[1].any() and not phi[:, 1].any() and np.isfinite(phi).all()


@pytest.mark.parametrize("method", ["correlation", "cosine"])
def test_continuous_proximity_is_its_definition(method):
    levels = rca(np.random.default_rng(2).lognormal(size=(7, 5)))
    phi = continuous_proximity(levels, method)
    for p in range(5):
        for q in range(5):
            x, y = levels[:, p], levels[:, q]
            wanted = (1 + np.corrcoef(x, y)[0, 1]) / 2 if method == "correlation" else x @ y / np.sqrt(x @ x * (y @ y))
            assert phi[p, q] == pytest.approx(wanted, abs=1e-12)


def test_continuous_proximity_knows_what_has_no_likeness():
    levels = np.array([[1.0, 2.0, 0.1, np.nan, 0], [3, 2, 0.3, np.nan, 0], [np.nan] * 5, [2, 2, 0.1, np.nan, 0]])
    phi = continuous_proximity(levels)
    assert np.isfinite(phi).all()
    assert not phi[1].any() and not phi[3].any(), "a constant and an unknown product are like none"
    assert phi[0, 2] > 0.5 and phi[0, 0] == 1
    assert not continuous_proximity(levels, "cosine")[4].any() and continuous_proximity(levels, "cosine")[1, 1] == 1
    with pytest.raises(MethodInputError, match="single cells"):
        continuous_proximity([[1.0, np.nan], [1.0, 2.0]])


def test_an_unusable_proximity_is_refused_before_it_spreads():
    with pytest.raises(MethodInputError, match="NaN"):
        as_proximity_matrix([[1.0, np.nan], [0.5, 1.0]])
    with pytest.raises(MethodInputError, match="shape"):
        level_density(SMALL, np.eye(2))


def test_the_nearest_are_the_largest_and_all_that_tie():
    phi = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.2], [0.2, 0.2, 1.0]])
    np.testing.assert_array_equal(nearest(phi, 1, own=True), np.eye(3))
    # The third product's second place is shared, so it keeps three.
    np.testing.assert_array_equal(nearest(phi, 2, own=True), [[1, 0.5, 0.2], [0.5, 1, 0.2], [0, 0, 1]])
    np.testing.assert_array_equal(nearest(phi, 3, own=True), phi)
    np.testing.assert_array_equal(nearest(phi, 1), [[0, 0.5, 0.2], [0.5, 0, 0.2], [0, 0, 0]])
    assert phi[0, 0] == 1, "what was passed is not changed"
    for k in (0, 4):
        with pytest.raises(MethodInputError, match="k is"):
            nearest(phi, k)


def test_a_tie_is_a_tie_after_rounding_too():
    third = 0.1 + 0.2
    assert third > 0.3
    phi = np.array([[0, 0.3, third], [0.3, 0, 0.1], [third, 0.1, 0]])
    assert nearest(phi, 1)[:, 0].tolist() == [0, 0.3, third]


def test_knn_density_is_a_weighted_share():
    """ecomplexity 0.5.3 builds the weights and then sums without them; this is what the Stata package computes."""
    present, phi = drawn(5), proximity(drawn(5))
    around = knn_density(present, phi, 4, own=True)
    for c in range(present.shape[0]):
        for p in range(present.shape[1]):
            close = phi[:, p] >= np.sort(phi[:, p])[-4]
            assert around[c, p] == pytest.approx(phi[close & present[c], p].sum() / phi[close, p].sum(), abs=1e-14)
    assert around.min() >= 0 and around.max() <= 1 + 1e-15
    np.testing.assert_allclose(knn_density(present, phi, phi.shape[0], own=True), density(present, phi), atol=1e-14)


def test_knn_density_leaves_the_product_itself_out():
    present = drawn(5)
    phi = proximity(present, diag=0.0)
    np.testing.assert_array_equal(knn_density(present, proximity(present), 4), level_density(present, nearest(phi, 4)))
    np.testing.assert_allclose(knn_density(present, phi, 14), density(present, phi), atol=1e-14)


def test_level_density_takes_levels_and_knows_empty_rows():
    levels = np.array([[2.0, 0.5], [np.nan, np.nan]])
    got = level_density(levels, [[1.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(got[0], [2.25 / 1.5, 1.5 / 1.5])
    assert np.isnan(got[1]).all()
    with pytest.raises(MethodInputError, match="single cells"):
        level_density([[1.0, np.nan], [1.0, 2.0]], np.eye(2))


def test_distance_and_relative_relatedness_by_hand():
    present = np.array([[0, 0, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]], dtype=bool)
    around = np.array([[0.2, 0.4, 0.9, np.nan], [0.5, 0.6, 0.7, 0.8], [0.1 + 0.2, 0.3, 0.3, 0.3]])
    np.testing.assert_allclose(distance(around)[0], [0.8, 0.6, 0.1, np.nan])
    got = relative_relatedness(present, around)
    np.testing.assert_allclose(got[0], [-1, 1, np.nan, np.nan])
    assert np.isnan(got[1]).all(), "one option has no scale"
    assert np.isnan(got[2]).all(), "options that differ by rounding only have none either"
    kept = relative_relatedness(present, around, held="kept", ddof=1)
    np.testing.assert_allclose(kept[0], np.array([-1, 1, 6, np.nan]) / 2**0.5)
    whole = relative_relatedness(present, around, over="all")
    assert np.nanmean(whole[1, [3]]) == pytest.approx((0.8 - 0.65) / np.std([0.5, 0.6, 0.7, 0.8]))


@pytest.fixture
def space():
    present = drawn(5)
    phi = proximity(present)
    return present, density(present, phi), phi, complexity(present)


def test_the_defaults_are_what_the_marts_publish(space):
    present, around, phi, found = space
    coi, cog = outlook(present, around, phi, found.kc, found.kp)
    np.testing.assert_allclose(opportunity_index(present, around, found.kp), coi, atol=1e-12)
    np.testing.assert_allclose(opportunity_gain(present, phi, found.kp, scale=found.kc.std()), cog, atol=1e-12)


@given(presences, st.integers(0, 100), st.sampled_from(["max", "sqrt", "given"]), st.sampled_from([0.0, 1.0]))
def test_the_gain_of_the_book_is_what_the_outlook_really_gains(present, seed, form, diag):
    """Making p moves every density by phi[p,q] / reach_q and takes p itself out: that difference is the book's COG."""
    phi = co_presence_proximity(present, form, diag)
    pci = np.random.default_rng(seed).normal(size=present.shape[1])
    absent = np.argwhere(~present & (phi.sum(axis=0) > 0) & present.any(axis=1)[:, None])
    assume(len(absent) > 0)
    c, p = absent[seed % len(absent)]
    after = present.copy()
    after[c, p] = True
    before_index, after_index = (
        opportunity_index(m, level_density(m, phi), pci, standardise=False)[c] for m in (present, after)
    )
    gain = opportunity_gain(present, phi, pci, form="book")
    assert gain[c, p] == pytest.approx(after_index - before_index, abs=1e-12)
    made = present & ~np.isnan(gain)
    assert (gain[made] == 0).all()


def test_whose_reach_divides_is_a_convention(space):
    present, _, phi, found = space
    target = opportunity_gain(present, phi, found.kp, reach_of="target", held="kept")
    wanted = (~present * found.kp) @ phi / phi.sum(axis=0)
    np.testing.assert_allclose(target, wanted, atol=1e-12)
    assert np.abs(target - opportunity_gain(present, phi, found.kp, held="kept")).max() > 1e-3


def test_what_is_empty_is_unknown_and_spoils_nothing(space):
    present, around, phi, found = space
    padded = np.zeros((10, 15), dtype=bool)
    padded[:9, :14] = present
    wide, pci = proximity(padded), np.append(found.kp, np.nan)
    coi = opportunity_index(padded, density(padded, wide), pci)
    np.testing.assert_allclose(coi[:9], opportunity_index(present, around, found.kp))
    cog = opportunity_gain(padded, wide, pci)
    np.testing.assert_allclose(cog[:9, :14], opportunity_gain(present, phi, found.kp))
    assert np.isnan(coi[9]) and np.isnan(cog[9]).all() and np.isnan(cog[:, 14]).all()
    with pytest.raises(MethodInputError, match="values for"):
        opportunity_index(present, around, [1.0])
