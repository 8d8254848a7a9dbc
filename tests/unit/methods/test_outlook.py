import numpy as np
import pytest

from warehouse.methods.complexity import complexity
from warehouse.methods.outlook import outlook
from warehouse.methods.relatedness import density, proximity


def by_the_definition(present, d, phi, kc, kp):
    """The two sums of the Stata package, cell by cell, on a matrix without empty rows and columns."""
    locations, products = present.shape
    coi, cog = np.zeros(locations), np.zeros((locations, products))
    for c in range(locations):
        for p in range(products):
            if present[c, p]:
                continue
            coi[c] += d[c, p] * kp[p]
            cog[c, p] = sum(phi[q, p] * kp[q] / phi[:, q].sum() for q in range(products) if not present[c, q])
    return (coi - coi.mean()) / coi.std(), cog / kc.std()


@pytest.fixture
def space():
    random = np.random.default_rng(5)
    present = random.random((9, 14)) < np.linspace(0.2, 0.8, 9)[:, None]
    present[-1], present[:, 0] = True, True
    phi = proximity(present)
    return present, density(present, phi), phi, complexity(present)


def test_outlook_is_its_definition(space):
    present, d, phi, found = space
    coi, cog = outlook(present, d, phi, found.kc, found.kp)
    expected_coi, expected_cog = by_the_definition(present, d, phi, found.kc, found.kp)
    np.testing.assert_allclose(coi, expected_coi, atol=1e-12)
    np.testing.assert_allclose(cog, expected_cog, atol=1e-12)
    assert (cog[present] == 0).all()


def test_empty_rows_and_columns_are_unknown_and_change_nothing_else(space):
    present, d, phi, found = space
    coi, cog = outlook(present, d, phi, found.kc, found.kp)
    padded = np.zeros((10, 15), dtype=bool)
    padded[:9, :14] = present
    wide_phi, wide = proximity(padded), complexity(padded)
    got_coi, got_cog = outlook(padded, density(padded, wide_phi), wide_phi, wide.kc, wide.kp)
    np.testing.assert_allclose(got_coi[:9], coi)
    np.testing.assert_allclose(got_cog[:9, :14], cog)
    assert np.isnan(got_coi[9]) and np.isnan(got_cog[9]).all() and np.isnan(got_cog[:, 14]).all()
