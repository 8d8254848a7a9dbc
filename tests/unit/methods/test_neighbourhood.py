"""One pass over blocks of proximity gives what whole matrices in float64 give, and the fast mode keeps its bound."""

import numpy as np
import pytest

from warehouse.methods import relatedness
from warehouse.methods.arrays import MethodInputError
from warehouse.methods.complexity import complexity
from warehouse.methods.neighbourhood import neighbourhood
from warehouse.methods.outlook import outlook
from warehouse.methods.product_space import ProductSpace, compute
from warehouse.methods.relatedness import density, proximity

FAST_ERROR = 1e-5


def nested(locations: int, products: int, seed: int = 4) -> np.ndarray:
    """Values of a world in which able locations make more, with an empty row and an empty column."""
    random = np.random.default_rng(seed)
    skill, difficulty = np.linspace(0, 1, locations)[:, None], random.random(products)[None, :]
    made = random.random((locations, products)) < 1 / (1 + np.exp(-5 * (skill - difficulty)))
    made[-1], made[:, 0] = True, True
    values = np.where(made, random.lognormal(8, 1, (locations, products)), 0.0)
    values[locations // 2], values[:, products // 2] = 0.0, 0.0
    return values


def whole(space: ProductSpace, diag: float) -> tuple[np.ndarray, ...]:
    """Density, COI and COG from the whole matrix of proximity."""
    phi = proximity(space.presence, diag=diag)
    around = density(space.presence, phi)
    found = complexity(space.presence)
    return around, *outlook(space.presence, around, phi, found.kc, found.kp)


@pytest.mark.parametrize("rows_at_a_time", [1, 7, 512])
@pytest.mark.parametrize("shape", [(9, 40), (40, 9), (21, 21), (30, 28)], ids=str)
@pytest.mark.parametrize("diag", [1.0, 0.0])
def test_blocks_give_what_whole_matrices_give(monkeypatch, rows_at_a_time, shape, diag):
    monkeypatch.setattr(relatedness, "ROWS_AT_A_TIME", rows_at_a_time)
    space = compute(nested(*shape), diag=diag)
    for got, expected in zip((space.density, space.coi, space.cog), whole(space, diag), strict=True):
        assert got.dtype == np.float64 and np.isnan(got).any() and np.isfinite(got).any()
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(space.proximity, proximity(space.presence, diag=diag))


@pytest.mark.parametrize("shape", [(60, 1300), (300, 80)], ids=str)
def test_the_fast_mode_keeps_its_bound_and_changes_nothing_else(shape):
    values = nested(*shape)
    exact, fast = compute(values), compute(values, precision="fast")
    assert fast.density.dtype == fast.cog.dtype == np.float32
    for name in ("density", "coi", "cog"):
        a, b = getattr(exact, name), getattr(fast, name)
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
        assert 0 < np.nanmax(np.abs(a - b)) / max(1.0, np.nanmax(np.abs(a))) < FAST_ERROR
    for name in ("values", "rca", "presence", "diversity", "ubiquity", "eci", "pci", "proximity"):
        np.testing.assert_array_equal(getattr(exact, name), getattr(fast, name))


def test_without_worth_there_is_no_gain():
    present = nested(9, 12) > 0
    around = neighbourhood(present, None)
    assert around.gain is None
    np.testing.assert_allclose(around.density, density(present, proximity(present)), rtol=0, atol=1e-15)


def test_nothing_at_all_has_no_density():
    around = neighbourhood(np.zeros((3, 5), dtype=bool), None, dtype=np.float32)
    assert np.isnan(around.density).all()


def test_another_precision_is_refused():
    with pytest.raises(MethodInputError, match="float64, fast"):
        compute(nested(9, 12), precision="float16")  # type: ignore[arg-type]
