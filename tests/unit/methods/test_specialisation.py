import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.specialisation import location_quotient, presence, rca

tables = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=8),
    elements=st.integers(0, 10**6).map(float),
)


def test_rca_by_hand():
    # Shares of the total: columns 40/100 and 60/100; row 1 has 3/4 and 1/4, row 2 has 10/60 and 50/60.
    got = rca([[30, 10], [10, 50]])
    np.testing.assert_allclose(got, [[0.75 / 0.4, 0.25 / 0.6], [(1 / 6) / 0.4, (5 / 6) / 0.6]], rtol=1e-15)
    assert presence(got).tolist() == [[True, False], [False, True]]


def test_empty_rows_and_columns_are_undefined_and_never_infinite():
    got = rca([[2, 0, 1], [0, 0, 0], [1, 0, 5]])
    assert np.isnan(got[1]).all() and np.isnan(got[:, 1]).all()
    assert not np.isinf(got).any()
    assert np.isfinite(got[np.ix_([0, 2], [0, 2])]).all()
    assert np.isnan(rca(np.zeros((2, 3)))).all()


def test_presence_counts_the_threshold_itself_and_never_the_unknown():
    assert presence([[1.0, np.nextafter(1, 0), np.nan]]).tolist() == [[True, False, False]]
    assert presence([[0.5]], threshold=0.5).tolist() == [[True]]


@pytest.mark.parametrize(
    ("values", "word"),
    [([[1, np.nan]], "NaN"), ([[np.inf, 1]], "infinite"), ([[-1, 2]], "negative"), ([1, 2], "dimensions")],
)
def test_unusable_values_are_refused(values, word):
    with pytest.raises(MethodInputError, match=word):
        rca(values)


@given(tables)
def test_weighted_mean_of_each_column_is_one(values):
    index, shares = rca(values), values.sum(axis=1) / max(values.sum(), 1)
    alive = values.sum(axis=0) > 0
    means = (np.nan_to_num(index) * shares[:, None]).sum(axis=0)
    np.testing.assert_allclose(means[alive], 1, rtol=1e-12)
    assert np.isnan(index[:, ~alive]).all()


@given(tables, st.integers(-20, 20))
def test_the_currency_does_not_matter(values, power):
    np.testing.assert_array_equal(rca(values), rca(values * 2.0**power))


def test_location_quotient_by_hand():
    # The region: 300 of 1,000 in metal; the base: 1,000 of 10,000. Three times the base's share.
    got = location_quotient([[300, np.nan, 0]], [1000], [1000, 500, 0], 10_000)
    assert got[0, 0] == pytest.approx(3.0, rel=1e-15)
    assert np.isnan(got[0, 1]), "a secret cell stays unknown"
    assert np.isnan(got[0, 2]), "an industry the base lacks has no quotient"
    assert np.isnan(location_quotient([[1.0]], [0.0], [5.0], 10.0)).all()


def test_a_strict_threshold_is_more_than_reached():
    assert presence([[1.0, 1.5, np.nan]], strict=True).tolist() == [[False, True, False]]
    assert presence([[1.0, 1.5, np.nan]]).tolist() == [[True, True, False]]
