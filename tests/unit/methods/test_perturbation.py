import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods.perturbation import best_of, top_with_rank_interval, weight_variants


def test_every_weight_moves_alone_up_and_down():
    got = weight_variants([0.5, 0.5], 0.2)
    expected = [
        [0.5, 0.5],
        [0.6 / 1.1, 0.5 / 1.1],
        [0.4 / 0.9, 0.5 / 0.9],
        [0.5 / 1.1, 0.6 / 1.1],
        [0.5 / 0.9, 0.4 / 0.9],
    ]
    np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(weight_variants([3, 1], 0.0), [[0.75, 0.25]] * 5)


def test_interval_by_hand():
    scores = np.array([[50.0, 80.0, 60.0, 10.0], [90.0, 80.0, 60.0, 10.0], [50.0, 55.0, 60.0, 99.0]])
    chosen, low, high = top_with_rank_interval(scores, 3)
    assert chosen.tolist() == [1, 2, 0]
    assert low.tolist() == [1, 2, 1] and high.tolist() == [3, 3, 4]


def test_differences_of_rounding_order_nothing():
    chosen, low, high = top_with_rank_interval(np.array([[70.0, 70.0 + 1e-12, 70.0]]), 3)
    assert chosen.tolist() == [0, 1, 2] and low.tolist() == high.tolist() == [1, 2, 3]


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=12),
        elements=st.integers(0, 6).map(float),
    ),
    st.integers(1, 12),
)
def test_ranks_are_those_of_a_stable_sort(scores, top):
    chosen, low, high = top_with_rank_interval(scores, top)
    ranks = np.empty(scores.shape, dtype=int)
    for variant, row in enumerate(scores):
        ranks[variant, sorted(range(len(row)), key=lambda i: (-row[i], i))] = np.arange(1, len(row) + 1)
    assert ranks[0, chosen].tolist() == list(range(1, min(top, scores.shape[1]) + 1))
    assert low.tolist() == ranks[:, chosen].min(axis=0).tolist()
    assert high.tolist() == ranks[:, chosen].max(axis=0).tolist()


def test_the_best_few_and_their_ties_in_their_old_order():
    scores = np.array([3.0, 9.0, 5.0, 9.0, 5.0 + 1e-12, 1.0])
    assert best_of(scores, 3).tolist() == [1, 2, 3, 4], "both fives tie for the third place"
    assert best_of(scores, 2).tolist() == [1, 3] and best_of(scores, 99).tolist() == list(range(6))
