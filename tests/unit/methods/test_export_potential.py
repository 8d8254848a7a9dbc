"""ITC's two indicators and the attractiveness of a market: by hand, in their units, and defined at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods import export_potential as itc
from warehouse.methods.arrays import MethodInputError
from warehouse.methods.gravity import attractiveness

values = hnp.arrays(np.float64, (4, 3), elements=st.integers(0, 1000).map(float))


def test_cautious_and_typical_trade():
    np.testing.assert_array_equal(itc.cautious_trade([5.0, np.nan, np.nan], [3.0, 4.0, np.nan]), [3, 4, np.nan])
    yearly = np.array([[2.0, 2.0, np.nan, 0.0], [8.0, np.nan, np.nan, 8.0]])
    np.testing.assert_allclose(itc.typical_trade(yearly), [4, 2, np.nan, 0])
    with pytest.raises(MethodInputError, match="negative"):
        itc.typical_trade([[-1.0]])


def test_supply_by_hand():
    got = itc.supply_share([[30.0, 0.0], [10.0, 0.0]], [1.0, 2.0])
    np.testing.assert_allclose(got, [[0.6, 0], [0.4, 0]])
    halved = itc.supply_share(
        [[30.0], [10.0]], [1.0, 1.0], trade_balance=[[1 / 3], [1.0]], tariff_advantage=[[1.0], [2.0]]
    )
    np.testing.assert_allclose(halved, [[1 / 3], [2 / 3]])


def test_demand_by_hand():
    got = itc.projected_demand(
        [[100.0, 10.0]], [1.1], [1.02], [1.0, 2.0], preference_margin=[[0.0, 0.05]], substitution=[3, 4]
    )
    np.testing.assert_allclose(got, [[100 * 1.1 * 1.02, 10 * 1.21 * 1.02 * 1.05**4]])


def test_ease_by_hand_and_held_within_bounds():
    imports = [[100.0, 50.0], [10.0, 0.0], [0.0, 0.0]]
    # Expected with a share of 0.1 and 0.2: 20, 1 and nothing.
    got = itc.ease_of_trade([30.0, 50.0, 5.0], [0.1, 0.2], imports)
    np.testing.assert_allclose(got, [1.5, 10, np.nan])


def test_potential_and_what_is_unrealised():
    demand = np.array([[100.0, 50.0], [10.0, 0.0], [70.0, 7.0]])
    got = itc.export_potential([0.1, 0.0], demand, [1.5, 10.0, np.nan], home=1)
    np.testing.assert_allclose(got, [[15, 0], [np.nan, np.nan], [0, 0]])
    np.testing.assert_allclose(itc.unrealised_potential(got[0], [4.0, 9.0]), [11, 0])


@given(values, st.integers(1, 9))
def test_money_in_money_out(exports, factor):
    """Another currency changes EPI by its rate and nothing else: shares and ease have no unit."""
    imports = exports[::-1] + 1.0
    share, again = itc.supply_share(exports, np.ones(4)), itc.supply_share(exports * factor, np.ones(4))
    np.testing.assert_allclose(share, again, rtol=1e-12)
    known = exports.sum(axis=0) > 0
    np.testing.assert_allclose(share.sum(axis=0)[known], 1)
    epi = [
        itc.export_potential(share[0], imports * f, itc.ease_of_trade(imports.sum(axis=1) * f, share[0], imports * f))
        for f in (1, factor)
    ]
    np.testing.assert_allclose(epi[1], epi[0] * factor, rtol=1e-9)
    assert np.isfinite(epi[0]).all()


def test_diversification_ranks_what_is_not_made():
    density, presence = [0.5, 0.2, 0.9, np.nan, 0.4], [0, 0, 1, 0, 0]
    demand = [[10.0, 100.0, 999.0, 50.0, 0.0], [20.0, 50.0, 1.0, 1.0, 1.0], [1.0] * 5]
    got = itc.diversification(density, presence, demand, [1.0, 2.0, 1.0], home=2)
    np.testing.assert_array_equal(got[0], [2, 1, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(got[1], [1, 1, np.nan, np.nan, 3])
    assert np.isnan(got[2]).all()
    with pytest.raises(MethodInputError, match="densities"):
        itc.diversification([0.5], presence, demand, [1.0, 1.0, 1.0])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(MethodInputError, match="share"):
        itc.export_potential([0.1, 0.2, 0.3], [[1.0, 2.0]], [1.0])
    with pytest.raises(MethodInputError, match="gdp_growth"):
        itc.supply_share([[1.0]], [np.nan])


def test_attractiveness_by_hand():
    got = attractiveness(
        [[100.0, 0.0]],
        [[0.1, 0.1]],
        [2000.0],
        [[0.05, 0.0]],
        substitution=[4.0, 1.0],
        risk_discount=[0.8],
        years=2,
        theta=1.0,
    )
    np.testing.assert_allclose(got.value, [[100 * 1.21 * 0.5 * 1.05**-4 * 0.8, 0]])
    product = got.imports * got.growth * got.distance * got.tariff * got.risk
    np.testing.assert_allclose(got.value, product)
    np.testing.assert_allclose(got.distance, [[0.5, 0.5]])


def test_attractiveness_keeps_what_is_unknown_in_its_cell():
    got = attractiveness([[1.0, 1.0], [1.0, 1.0]], [[np.nan, 0.0], [0.0, 0.0]], [500.0, np.nan])
    assert np.isnan(got.value).tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"distance_km": [0.0]}, {"growth": -1.0}, {"risk_discount": [1.2]}, {"tariff": -0.2}, {"growth": [[0.1] * 3]},
    ],
)  # fmt: skip
def test_attractiveness_refuses_numbers_out_of_range(wrong):
    arguments = {"imports": [[1.0, 2.0]], "growth": 0.0, "distance_km": [100.0]} | wrong
    with pytest.raises(MethodInputError, match=next(iter(wrong))):
        attractiveness(**arguments)
