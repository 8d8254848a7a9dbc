import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods import relatedness
from warehouse.methods.arrays import MethodInputError
from warehouse.methods.relatedness import density, proximity

presences = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))
SMALL = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]], dtype=bool)


def by_the_definition(present, diag):
    """min(P(p|q), P(q|p)), cell by cell."""
    count = present.shape[1]
    phi = np.zeros((count, count))
    for p in range(count):
        for q in range(count):
            makers_p, makers_q = present[:, p].sum(), present[:, q].sum()
            both = (present[:, p] & present[:, q]).sum()
            if makers_p and makers_q:
                phi[p, q] = diag if p == q else min(both / makers_p, both / makers_q)
    return phi


def test_proximity_by_hand():
    np.testing.assert_allclose(proximity(SMALL), [[1, 2 / 3, 1 / 3], [2 / 3, 1, 1 / 2], [1 / 3, 1 / 2, 1]])
    assert np.diag(proximity(SMALL, diag=0.0)).tolist() == [0, 0, 0]


def test_density_by_hand():
    phi = proximity(SMALL)
    # Location 2 makes only the first product: its proximity to each product over that product's sum.
    np.testing.assert_allclose(density(SMALL, phi)[1], [1 / 2, (2 / 3) / (13 / 6), (1 / 3) / (11 / 6)])
    np.testing.assert_allclose(density(SMALL, phi)[2], [1, 1, 1])


def test_the_diagonal_changes_density():
    with_own, without = (density(SMALL, proximity(SMALL, diag=d))[1, 0] for d in (1.0, 0.0))
    assert with_own == pytest.approx(0.5) and without == 0


def test_a_product_nobody_makes_has_no_neighbours_and_no_density():
    present = np.array([[1, 0, 1], [1, 0, 0]], dtype=bool)
    phi = proximity(present)
    assert phi[1].tolist() == [0, 0, 0] and phi[:, 1].tolist() == [0, 0, 0]
    assert np.isnan(density(present, phi)[:, 1]).all() and np.isfinite(density(present, phi)[:, [0, 2]]).all()


@given(presences, st.sampled_from([0.0, 1.0]))
def test_proximity_is_its_definition(present, diag):
    phi = proximity(present, diag=diag)
    np.testing.assert_allclose(phi, by_the_definition(present, diag), atol=1e-15)
    np.testing.assert_array_equal(phi, phi.T)
    around = density(present, phi)
    known = around[~np.isnan(around)]
    assert ((known >= 0) & (known <= 1 + 1e-12)).all()


def test_working_in_blocks_changes_nothing(monkeypatch):
    present = np.random.default_rng(3).random((20, 50)) < 0.3
    whole = proximity(present)
    monkeypatch.setattr(relatedness, "ROWS_AT_A_TIME", 7)
    np.testing.assert_array_equal(whole, proximity(present))


def test_values_instead_of_presence_are_refused():
    with pytest.raises(MethodInputError, match="0 and 1"):
        proximity([[0.5, 2.0]])
