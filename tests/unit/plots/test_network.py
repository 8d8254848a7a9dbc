"""Links and places of a product space: small cases by hand, and what must hold for any."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from orchestration.plots import network


def pairs(*rows: tuple[int, int, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    a, b, proximity = zip(*rows, strict=True)
    return np.array(a), np.array(b), np.array(proximity)


def random_pairs(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invented proximities with many ties, as real ones are ratios of small counts."""
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(count, 1)
    kept = rng.random(len(a)) < 0.3
    return a[kept], b[kept], rng.integers(1, 9, kept.sum()) / 10


def test_the_tree_takes_the_strongest_pairs_and_the_rest_fills_up() -> None:
    chosen = network.links(4, *pairs((0, 1, 0.9), (1, 2, 0.8), (0, 2, 0.7), (2, 3, 0.2), (0, 3, 0.1)))
    drawn = {(a, b): bool(t) for a, b, t in zip(chosen.a, chosen.b, chosen.in_tree, strict=True)}
    # Four products: tree of three, and the four strongest pairs of all; (0, 3) is neither.
    assert drawn == {(0, 1): True, (1, 2): True, (2, 3): True, (0, 2): False}
    assert dict(zip(zip(chosen.a, chosen.b, strict=True), chosen.proximity, strict=True))[(2, 3)] == 0.2


def test_links_do_not_depend_on_the_order_of_the_pairs() -> None:
    a, b, proximity = random_pairs(60)
    shuffled = np.random.default_rng(1).permutation(len(a))
    one, two = network.links(60, a, b, proximity), network.links(60, a[shuffled], b[shuffled], proximity[shuffled])
    for field in ("a", "b", "proximity", "in_tree"):
        assert np.array_equal(getattr(one, field), getattr(two, field))
    assert one.in_tree.sum() == 59


@pytest.mark.parametrize("count", [1, 2, 3, 60, 400])
def test_every_product_has_a_place_and_always_the_same(count: int) -> None:
    given = random_pairs(count) if count > 3 else pairs(*[(0, k, 0.5) for k in range(1, count)] or [(0, 0, 0.0)])
    if count == 1:
        given = tuple(part[:0] for part in given)
    chosen = network.links(count, *given)
    places = network.layout(count, chosen)
    assert places.shape == (count, 2) and np.isfinite(places).all()
    assert np.array_equal(places, network.layout(count, chosen))


def test_linked_products_lie_nearer_than_others() -> None:
    a, b, proximity = random_pairs(300, seed=4)
    chosen = network.links(300, a, b, proximity)
    distance = squareform(pdist(network.layout(300, chosen)))
    assert np.median(distance[chosen.a, chosen.b]) < 0.5 * np.median(distance)


def test_products_that_hang_together_with_nothing_stand_below() -> None:
    a, b, proximity = random_pairs(50)
    chosen = network.links(54, a, b, proximity)
    places = network.layout(54, chosen)
    assert places[50:, 1].max() < places[:50, 1].min()
    assert len(np.unique(places[50:, 0])) == 4


def test_circles_are_pushed_apart_inside_the_page() -> None:
    rng = np.random.default_rng(0)
    size, radii = np.array([8.0, 5.0]), np.concatenate([np.full(380, 0.03), np.full(20, 0.15)])
    places = network.apart(rng.random((400, 2)) * size, radii, np.zeros(2), size, 0.01)
    overlap = radii[:, None] + radii[None, :] - squareform(pdist(places))
    np.fill_diagonal(overlap, 0)
    assert overlap.max() < 0.005
    assert (places >= radii[:, None] - 1e-9).all() and (places <= size - radii[:, None] + 1e-9).all()


def test_places_fill_the_page_whatever_their_shape() -> None:
    size = np.array([8.0, 5.0])
    fitted = network.fitted(np.array([[0.0, 3.0], [1.0, 3.0], [0.2, 3.0]]), size)
    assert np.allclose(fitted[:, 1], 2.5) and fitted[:, 0].min() >= 0 and fitted[:, 0].max() <= 8
