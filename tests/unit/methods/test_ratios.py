"""Symmetric, per-head and shrunk RCA; PRODY and EXPY; the core of a sparse table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import gamma

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.productivity import expy, prody
from warehouse.methods.shrinkage import shrunk_rca
from warehouse.methods.specialisation import presence, rca, rpop, rsca
from warehouse.methods.trim import core

tables = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 50).map(float)
)


def test_rsca_is_symmetric_about_the_average():
    np.testing.assert_allclose(rsca([0, 0.5, 1, 2, np.nan]), [-1, -1 / 3, 0, 1 / 3, np.nan])


def test_rpop_by_hand():
    # 10 and 30 units by 1 and 2 heads: 40 / 3 per head of the world.
    np.testing.assert_allclose(rpop([[10.0], [30.0]], [1.0, 2.0]), [[0.75], [1.125]])
    np.testing.assert_allclose(rpop([[10.0], [30.0]], [1.0, 2.0], world_population=4.0), [[1.0], [1.5]])
    # A location of unknown population leaves both sums; an empty product has no average.
    got = rpop([[10.0, 0.0], [30.0, 0.0], [99.0, 0.0]], [1.0, 2.0, np.nan])
    np.testing.assert_allclose(got[:, 0], [0.75, 1.125, np.nan])
    assert np.isnan(got[:, 1]).all()
    for wrong in ([1.0], [1.0, 0.0], [1.0, np.inf]):
        with pytest.raises(MethodInputError, match="populations"):
            rpop([[10.0], [30.0]], wrong)


@given(tables)
def test_rpop_is_rca_where_heads_are_exports(values):
    totals = values.sum(axis=1)
    heads = np.where(totals > 0, totals, np.nan)
    np.testing.assert_allclose(rpop(values, heads), rca(values), rtol=1e-12)


def test_shrunk_rca_by_the_formula():
    values = np.array([[900.0, 100.0], [2.0, 8.0], [98.0, 892.0]])
    got = shrunk_rca(values)
    expected = values.sum(axis=1, keepdims=True) * values.sum(axis=0) / values.sum()
    np.testing.assert_allclose(got.mean, (values + got.a) / (expected + got.b))
    assert got.a == pytest.approx(got.b), "the average of RCA weighted by expectation is 1"
    raw = rca(values)
    assert abs(got.mean[1, 1] - 1) < abs(raw[1, 1] - 1), "ten persons prove little"
    assert abs(got.mean[0, 0] - raw[0, 0]) < 0.02, "nine hundred prove much"
    np.testing.assert_allclose(got.low, gamma.ppf(0.1, values + got.a, scale=1 / (expected + got.b)))
    assert (got.low < got.mean).all() and (got.mean < got.high).all()


def test_the_unit_decides_how_much_money_proves():
    values = np.array([[9e6, 1e6], [1e5, 3e5], [4e6, 5e6]])
    fine, coarse = shrunk_rca(values, unit=1e3, prior=(2, 2)), shrunk_rca(values, unit=1e6, prior=(2, 2))
    assert (np.abs(coarse.mean - 1) < np.abs(fine.mean - 1)).all()


def test_where_noise_explains_all_the_average_is_the_answer():
    got = shrunk_rca([[10.0, 11.0], [10.0, 9.0]])
    assert np.isinf(got.a) and (got.mean == 1).all() and (got.low == 1).all()


@given(tables)
def test_shrinking_never_spreads_a_nan_and_never_overshoots(values):
    got, raw = shrunk_rca(values, prior=(3.0, 3.0)), rca(values)
    assert (np.isnan(got.mean) == np.isnan(raw)).all()
    known = ~np.isnan(raw)
    assert (np.minimum(raw, 1)[known] - 1e-9 <= got.mean[known]).all()
    assert (got.mean[known] <= np.maximum(raw, 1)[known] + 1e-9).all()
    assert (np.isnan(shrunk_rca(values).mean) == np.isnan(raw)).all()


def test_shrinking_refuses_what_means_nothing():
    for wrong in ({"unit": 0}, {"coverage": 1}, {"prior": (0, 1)}):
        with pytest.raises(MethodInputError, match="prior of two numbers"):
            shrunk_rca([[1.0]], **wrong)


def test_prody_and_expy_by_hand():
    # Shares of product 0: 1/2 and 1/4 of baskets; of product 1: 1/2 and 3/4.
    values, income = [[5.0, 5.0], [1.0, 3.0]], [30.0, 9.0]
    got = prody(values, income)
    np.testing.assert_allclose(got, [(15 + 2.25) / 0.75, (15 + 6.75) / 1.25])
    np.testing.assert_allclose(expy(values, got), [0.5 * 23 + 0.5 * 17.4, 0.25 * 23 + 0.75 * 17.4])


def test_prody_leaves_unknown_income_out_of_both_sums():
    values = [[5.0, 5.0, 0.0], [1.0, 3.0, 0.0], [0.0, 0.0, 7.0], [0.0, 0.0, 0.0]]
    got = prody(values, [30.0, 9.0, np.nan, 1.0])
    np.testing.assert_allclose(got, [23, 17.4, np.nan])
    index = expy(values, got)
    assert np.isnan(index[2]) and np.isnan(index[3]) and np.isfinite(index[:2]).all()
    with pytest.raises(MethodInputError, match="income"):
        prody(values, [1.0])


def test_prody_weights_are_those_of_rca_and_presence_is_a_filter():
    random = np.random.default_rng(3)
    values, income = random.lognormal(size=(6, 9)), random.lognormal(size=6)
    index = rca(values)
    np.testing.assert_allclose(prody(values, income), (index.T @ income) / index.sum(axis=0))
    made = presence(index)
    share = values / values.sum(axis=1, keepdims=True) * made
    np.testing.assert_allclose(prody(values, income, made), (share.T @ income) / share.sum(axis=0))


@given(tables)
def test_prody_lies_between_the_poorest_and_the_richest_maker(values):
    income = np.arange(1.0, values.shape[0] + 1)
    got = prody(values, income)
    for p in range(values.shape[1]):
        makers = income[values[:, p] > 0]
        if makers.size:
            assert makers.min() - 1e-9 <= got[p] <= makers.max() + 1e-9
        else:
            assert np.isnan(got[p])


def test_the_core_is_taken_anew_after_each_drop():
    values = np.array([[9.0, 1, 1, 0], [1, 9, 1, 0], [1, 1, 9, 0], [0, 0, 1, 8], [0, 0, 0, 0]])
    rows, columns = core(values)
    assert rows.tolist() == [True, True, True, True, False] and columns.all()
    rows, columns = core(values, 2, 2)
    assert not rows.any() and not columns.any(), "nobody makes two products here"
    nested = np.array([[5.0, 5, 1], [5, 5, 1], [0, 0, 9.0]])
    rows, columns = core(nested, 2, 2)
    assert rows.tolist() == [True, True, False] and columns.tolist() == [True, True, False]
