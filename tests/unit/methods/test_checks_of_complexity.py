"""Reflections, fitness and the means of a world PCI: the checks and substitutes of the eigenvector."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis.extra import numpy as hnp

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.complexity import DegenerateMatrixError, complexity
from warehouse.methods.fitness import fitness
from warehouse.methods.product_space import compute, to_long
from warehouse.methods.reflections import reflections
from warehouse.methods.subnational import subnational_eci

NESTED = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
presences = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=8))


def by_the_definition(present, updates):
    m = present.astype(float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    kc, kp = diversity, ubiquity
    for _ in range(updates):
        kc, kp = (m @ kp) / diversity, (m.T @ kc) / ubiquity
    return (kc - kc.mean()) / kc.std(ddof=1), (kp - kp.mean()) / kp.std(ddof=1)


@pytest.mark.parametrize("updates", [0, 1, 2, 5, 6])
def test_reflections_are_their_definition(updates):
    eci, pci = by_the_definition(NESTED, updates)
    got = reflections(NESTED, updates, updates)
    np.testing.assert_allclose(got[0], eci, atol=1e-11)
    np.testing.assert_allclose(got[1], pci, atol=1e-11)


def test_reflections_run_to_the_eigenvector_and_lose_no_digit_on_the_way():
    """The raw iteration has cancelled everything away long before; means taken out, 400 updates still tell."""
    found = complexity(NESTED, normalisation="own")
    eci, pci = reflections(NESTED, 400, 401, ddof=0)
    np.testing.assert_allclose(eci, found.eci, atol=1e-9)
    np.testing.assert_allclose(pci, found.pci, atol=1e-9)
    with np.errstate(invalid="ignore"):
        raw, _ = by_the_definition(NESTED, 400)
    assert not np.allclose(raw, found.eci, atol=1e-3)


def test_orientation_is_by_request():
    raw, turned = reflections(NESTED, 5, 5), reflections(NESTED, 5, 5, orient=True)
    np.testing.assert_allclose(turned[0], -raw[0])
    assert np.corrcoef(turned[0], NESTED.sum(axis=1))[0, 1] > 0
    assert np.corrcoef(turned[1], NESTED.sum(axis=0))[0, 1] < 0


def test_reflections_leave_out_what_is_empty_and_say_nothing_where_nothing_varies():
    padded = np.zeros((5, 6), dtype=bool)
    padded[:4, 1:5] = NESTED
    eci, pci = reflections(padded)
    np.testing.assert_allclose(eci[:4], reflections(NESTED)[0])
    assert np.isnan(eci[4]) and np.isnan(pci[[0, 5]]).all() and np.isfinite(pci[1:5]).all()
    assert all(np.isnan(side).all() for side in reflections(np.ones((3, 4))))
    assert all(np.isnan(side).all() for side in reflections(np.zeros((3, 4))))
    with pytest.raises(MethodInputError, match="updates"):
        reflections(NESTED, -1)


def test_fitness_by_hand():
    # One round from all ones: F = diversity over its mean, Q = 1 / ubiquity over its mean.
    got = fitness(NESTED, rounds=1)
    np.testing.assert_allclose(got.fitness, np.array([4, 3, 2, 1]) / 2.5)
    wanted = 1 / np.array([4, 3, 2, 1])
    np.testing.assert_allclose(got.complexity, wanted / wanted.mean())
    sequential = 1 / (NESTED.T @ (1 / got.fitness))
    np.testing.assert_allclose(fitness(NESTED, 1, update="sequential").complexity, sequential / sequential.mean())


def test_both_orders_of_fitness_run_to_the_same():
    random = np.random.default_rng(1)
    present = random.random((8, 20)) < 0.6
    present[0], present[:, 0] = True, True
    one, other = fitness(present, 3000, tolerance=1e-14), fitness(present, 3000, update="sequential", tolerance=1e-14)
    np.testing.assert_allclose(one.fitness, other.fitness, atol=1e-6)
    assert one.rounds <= 3000 and one.change >= 0


@given(presences)
def test_fitness_is_finite_and_has_mean_one_where_something_is_made(present):
    for extremality in (1.0, 2.0):
        got = fitness(present, 500, extremality=extremality)
        rows, columns = present.any(axis=1), present.any(axis=0)
        assert (np.isnan(got.fitness) == ~rows).all() and (np.isnan(got.complexity) == ~columns).all()
        if present.any():
            assert np.nanmean(got.fitness) == pytest.approx(1) and np.nanmean(got.complexity) == pytest.approx(1)


def test_a_fitness_that_runs_to_zero_is_zero_and_spoils_nothing():
    """The second location makes only what the first makes too: it loses three quarters each round, until nothing is left."""
    present = np.array([[1, 1, 1, 1, 1], [1, 0, 0, 0, 0]], dtype=bool)
    for extremality in (1.0, 2.0):
        got = fitness(present, 5000, extremality=extremality)
        assert got.fitness[1] < 1e-100 and got.fitness[0] == pytest.approx(2)
        assert np.isfinite(got.complexity).all() and got.complexity[0] < 1e-100


def test_fitness_refuses_what_means_nothing():
    with pytest.raises(MethodInputError, match="rounds"):
        fitness(NESTED, 0)
    with pytest.raises(MethodInputError, match="extremality"):
        fitness(NESTED, extremality=0)


def test_subnational_eci_by_hand():
    present = [[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    pci = [1.0, 2.0, -1.0, np.nan]
    np.testing.assert_allclose(subnational_eci(present, pci), [1.5, -1.0, np.nan, np.nan])
    np.testing.assert_allclose(subnational_eci(present, pci, standardise=True), [1, -1, np.nan, np.nan])
    assert np.isnan(subnational_eci([[1, 0], [1, 0]], [1.0, 2.0], standardise=True)).all()
    with pytest.raises(MethodInputError, match="products"):
        subnational_eci(present, [1.0])


@given(presences)
def test_the_mean_world_pci_of_a_country_is_its_eci(present):
    try:
        found = complexity(present)
    except DegenerateMatrixError:
        assume(False)
        return
    np.testing.assert_allclose(subnational_eci(present, found.pci), found.eci, atol=1e-6)


def test_ddof_and_sign_are_parameters():
    atlas, pandas = complexity(NESTED, "own"), complexity(NESTED, "own", ddof=1)
    np.testing.assert_allclose(pandas.eci * (4 / 3) ** 0.5, atlas.eci)
    separate = complexity(NESTED, "own", sign="separate")
    assert np.corrcoef(separate.pci, NESTED.sum(axis=0))[0, 1] < 0
    with pytest.raises(MethodInputError, match="sign"):
        complexity(NESTED, sign="separate")


def test_a_sign_of_its_own_can_turn_pci_against_eci():
    """econcomplex tests PCI against ubiquity apart; here that contradicts ECI, whose basket means would be inverted."""
    random = np.random.default_rng(0)
    for _ in range(2000):
        present = random.random((6, 7)) < 0.5
        try:
            joint, separate = complexity(present, "own"), complexity(present, "own", sign="separate")
        except DegenerateMatrixError:
            continue
        if np.nansum(joint.pci * separate.pci) < 0:
            break
    else:
        pytest.fail("no such matrix was drawn")
    rows = present.any(axis=1)
    means = np.array([joint.pci[basket].mean() for basket in present[rows]])
    assert np.corrcoef(means, joint.eci[rows])[0, 1] == pytest.approx(1)


def test_close_eigenvalues_are_told_by_the_gap():
    """Three nearly separate worlds: ECI exists, and the gap says how little it takes to turn it."""
    random = np.random.default_rng(4)
    present = np.zeros((18, 24), dtype=bool)
    for world in range(3):
        block = random.random((6, 8)) < 0.6
        block[0], block[:, 0] = True, True
        present[6 * world : 6 * world + 6, 8 * world : 8 * world + 8] = block
    present[0, 8] = present[0, 16] = True
    got = complexity(present)
    assert np.isfinite(got.eci).all() and 0 < got.eigenvalue_gap < 0.05
    assert complexity(NESTED).eigenvalue_gap > got.eigenvalue_gap


def test_a_year_without_any_value_is_all_unknown_and_says_so():
    space = compute(np.zeros((3, 4)), on_degenerate="null")
    assert space.warnings and space.warnings[0].startswith("too_small")
    rows = to_long(space, ["A", "B", "C"], ["1", "2", "3", "4"])
    for column in ("rca", "is_present", "density", "eci", "pci", "complexity_outlook_index", "complexity_outlook_gain"):
        assert rows[column].null_count() == 12, column
    with pytest.raises(DegenerateMatrixError, match="0 locations"):
        compute(np.zeros((3, 4)))
    with pytest.raises(MethodInputError, match="12 cells are NaN"):
        compute(np.full((3, 4), np.nan))
