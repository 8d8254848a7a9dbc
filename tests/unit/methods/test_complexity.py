import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis.extra import numpy as hnp

from warehouse.methods.complexity import DegenerateMatrixError, complexity

# Nested baskets: location 0 makes everything, the last one only the product all make.
NESTED = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)
presences = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=8))


def by_the_other_road(present):
    """Second eigenvector of the plain, non-symmetric products x products matrix, in the Atlas form."""
    m = present.astype(float)
    diversity, ubiquity = m.sum(axis=1), m.sum(axis=0)
    values, vectors = np.linalg.eig((m / ubiquity).T @ (m / diversity[:, None]))
    kp = np.real(vectors[:, np.argsort(np.real(values))[-2]])
    kc = (m @ kp) / diversity
    sign = np.sign(np.corrcoef(kc, diversity)[0, 1])
    return sign * (kc - kc.mean()) / kc.std(), sign * (kp - kc.mean()) / kc.std()


@pytest.mark.parametrize("shape", [(12, 30), (30, 12), (15, 15)])
def test_both_sides_give_what_the_textbook_matrix_gives(shape):
    random = np.random.default_rng(11)
    skill, difficulty = random.random(shape[0])[:, None], random.random(shape[1])[None, :]
    present = random.random(shape) < 1 / (1 + np.exp(-6 * (skill - difficulty)))
    present[0], present[:, 0] = True, True
    got, (eci, pci) = complexity(present), by_the_other_road(present)
    np.testing.assert_allclose(got.eci, eci, atol=1e-10)
    np.testing.assert_allclose(got.pci, pci, atol=1e-10)


def test_order_and_sign_on_nested_baskets():
    got = complexity(NESTED)
    assert (np.diff(got.eci) < 0).all(), "the most diverse location is the most complex"
    assert (np.diff(got.pci) > 0).all(), "the rarest product is the most complex"
    assert 0 < got.eigenvalue_gap < 1


def test_two_by_two_by_hand():
    # M = [[1,1],[1,0]]: S = [[3/4, 1/(2 sqrt 2)], [., 1/2]] has eigenvalues 1 and 1/4; z-scores of two values are 1 and -1.
    got = complexity([[1, 1], [1, 0]])
    np.testing.assert_allclose(got.eci, [1, -1], atol=1e-12)
    # ECI of the second location is the PCI of its only product; ECI of the first the mean of both.
    np.testing.assert_allclose(got.pci, [-1, 3], atol=1e-12)
    assert got.eigenvalue_gap == pytest.approx(0.25, abs=1e-12)


def test_empty_rows_and_columns_drop_out_and_come_back_as_unknown():
    padded = np.zeros((6, 7), dtype=bool)
    rows, columns = [0, 2, 3, 5], [1, 2, 4, 6]
    padded[np.ix_(rows, columns)] = NESTED
    got, plain = complexity(padded), complexity(NESTED)
    np.testing.assert_allclose(got.eci[rows], plain.eci)
    np.testing.assert_allclose(got.pci[columns], plain.pci)
    assert np.isnan(got.eci[[1, 4]]).all() and np.isnan(got.pci[[0, 3, 5]]).all()


def test_one_empty_row_alone_is_no_special_case():
    got = complexity(np.vstack([NESTED, np.zeros((1, 4), dtype=bool)]))
    assert np.isnan(got.eci[-1]) and np.isfinite(got.eci[:-1]).all()


def test_own_normalisation_is_a_z_score_of_the_products():
    got = complexity(NESTED, normalisation="own")
    assert got.pci.mean() == pytest.approx(0, abs=1e-12) and got.pci.std() == pytest.approx(1)
    np.testing.assert_allclose(got.eci, complexity(NESTED).eci)


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        (np.kron(np.eye(2), NESTED), "disconnected"),
        (np.eye(3), "disconnected"),
        (np.ones((3, 4)), "no_structure"),
        ([[1, 1, 1]], "too_small"),
        (np.zeros((4, 4)), "too_small"),
        ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], "tied_eigenvalue"),
        ([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], "sign_undefined"),
    ],
)
def test_degenerate_matrices_are_refused_by_name(present, reason):
    with pytest.raises(DegenerateMatrixError) as caught:
        complexity(np.asarray(present, dtype=bool))
    assert caught.value.reason_code == reason
    assert "What to do:" in str(caught.value)


def test_the_refusal_names_the_rows_to_drop():
    apart = np.zeros((6, 6), dtype=bool)
    apart[1:5, :4], apart[5, 5] = NESTED, True
    with pytest.raises(DegenerateMatrixError, match=r"rows \[5\]"):
        complexity(apart)


@given(presences)
def test_atlas_identities_hold_wherever_eci_exists(present):
    try:
        got = complexity(present)
    except DegenerateMatrixError:
        assume(False)
        return
    rows = present.any(axis=1)
    assert np.nanmean(got.eci) == pytest.approx(0, abs=1e-8) and np.nanstd(got.eci) == pytest.approx(1, abs=1e-8)
    means = [got.pci[basket].mean() for basket in present[rows]]
    np.testing.assert_allclose(got.eci[rows], means, atol=1e-6)
    assert np.corrcoef(got.eci[rows], present[rows].sum(axis=1))[0, 1] > 0


@given(presences)
def test_the_order_of_rows_and_columns_does_not_matter(present):
    random = np.random.default_rng(0)
    rows, columns = random.permutation(present.shape[0]), random.permutation(present.shape[1])
    try:
        got, moved = complexity(present), complexity(present[np.ix_(rows, columns)])
    except DegenerateMatrixError:
        assume(False)
        return
    assume(got.eigenvalue_gap > 1e-6)
    np.testing.assert_allclose(moved.eci, got.eci[rows], atol=1e-6)
    np.testing.assert_allclose(moved.pci, got.pci[columns], atol=1e-6)
