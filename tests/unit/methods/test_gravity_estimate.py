"""The elasticity of trade with respect to distance: found again where it is known, and equal to a plain likelihood's."""

import numpy as np
import pytest
from scipy.optimize import minimize

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.gravity_estimate import distance_elasticity


def world(seed, size=9):
    random = np.random.default_rng(seed)
    place = random.random((size, 2)) * 5000
    distance = np.linalg.norm(place[:, None] - place[None, :], axis=2) + 100
    mass = np.exp(random.random(size) * 3)
    flows = mass[:, None] * mass[None, :] * distance**-0.9 * 1e4
    np.fill_diagonal(flows, np.nan)
    return flows, distance, random


def test_a_world_that_follows_the_law_tells_its_elasticity():
    flows, distance, _ = world(1)
    got = distance_elasticity(flows, distance)
    assert got.theta == pytest.approx(0.9, abs=1e-9) and got.standard_error < 1e-9
    assert got.pairs == 72
    again = distance_elasticity(flows * 7, distance * 1.6)
    assert again.theta == pytest.approx(0.9, abs=1e-9), "neither currency nor miles matter"


def test_it_is_the_maximum_of_the_poisson_likelihood():
    """Beside a general minimiser with a dummy for every exporter and importer, on noisy flows with zeros."""
    flows, distance, random = world(2, 6)
    noisy = flows * random.gamma(1.0, 1.0, flows.shape) * (random.random(flows.shape) < 0.8)
    used = ~np.isnan(noisy)
    unit = np.nanmean(noisy)

    def minus_likelihood(parameters):
        log_mean = parameters[:6, None] + parameters[None, 6:12] - parameters[12] * np.log(distance / 1000)
        return float((np.exp(log_mean) - noisy / unit * log_mean)[used].sum())

    best = minimize(minus_likelihood, np.zeros(13), method="BFGS", options={"gtol": 1e-9, "maxiter": 5000})
    got = distance_elasticity(noisy, distance)
    assert got.theta == pytest.approx(best.x[12], abs=1e-5)
    assert got.standard_error > 0


def test_the_standard_error_is_the_spread_of_estimates():
    flows, distance, random = world(3, 25)
    found = [distance_elasticity(flows * random.gamma(4.0, 0.25, flows.shape), distance) for _ in range(150)]
    spread, stated = np.std([one.theta for one in found]), np.mean([one.standard_error for one in found])
    assert abs(np.mean([one.theta for one in found]) - 0.9) < 0.02
    assert 0.6 < stated / spread < 1.2


def test_who_trades_nothing_takes_no_part():
    flows, distance, _ = world(4)
    wide, far = np.zeros((10, 10)), np.full((10, 10), 500.0)
    wide[:9, :9], far[:9, :9] = flows, distance
    got = distance_elasticity(wide, far)
    assert got.pairs == 72 and got.theta == pytest.approx(0.9, abs=1e-9)


def test_what_cannot_tell_is_refused():
    flows, distance, _ = world(5)
    for same in (np.full_like(distance, 100.0), np.multiply.outer(np.arange(1.0, 10), np.arange(2.0, 11))):
        with pytest.raises(MethodInputError, match="no elasticity follows"):
            distance_elasticity(np.nan_to_num(flows, nan=1.0), same)
    with pytest.raises(MethodInputError, match="0 pairs"):
        distance_elasticity(np.zeros((3, 3)), np.ones((3, 3)))
    for wrong in (np.ones((2, 3)), -distance):
        with pytest.raises(MethodInputError, match="two tables alike"):
            distance_elasticity(flows, wrong)
