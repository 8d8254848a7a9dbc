"""Which links of a product space are drawn, and where its products lie on the page.

Belongs here: the choice of links and the layout, both pure functions. Does not belong here: reading or drawing.

Layout: force-directed on the drawn links, from a start that unfolds the spanning tree (pivot MDS of its distances,
Brandes and Pich 2007); then the distances from the middle are evened out, as forces crowd the middle and leave the
rim empty, and products that touch are pushed apart. Nearness along links survives this, distance as such means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rustworkx as rx
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree, shortest_path
from scipy.spatial import KDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PIVOTS = 50
EXTRA_PER_NODE = 1.0
PUSHES = 120
SEED = 1
ROUNDS = (40, 300)
PAIRS_COMPARED = 4e8
ASIDE_PER_ROW = 80


@dataclass(frozen=True)
class Links:
    """Pairs of node numbers (a < b), their proximity, and which of them belong to the spanning tree."""

    a: Ints
    b: Ints
    proximity: Floats
    in_tree: NDArray[np.bool_]


def links(count: int, a: Ints, b: Ints, proximity: Floats) -> Links:
    """The maximum spanning tree (a forest, where products hang together nowhere) plus the strongest other pairs.

    As many pairs are added as there are products; equal proximities are decided by the smaller numbers, so that the
    same pairs always give the same links.

    Args:
        count: number of nodes.
        a, b: node numbers of each pair, a < b.
        proximity: above 0, per pair.
    """
    order = np.lexsort((b, a, -proximity))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    tree = minimum_spanning_tree(sparse.csr_matrix((rank, (a, b)), shape=(count, count))).data.astype(np.int64) - 1
    kept = np.union1d(tree, np.arange(min(len(order), round(EXTRA_PER_NODE * count))))
    chosen = order[kept]
    return Links(a[chosen], b[chosen], proximity[chosen], np.isin(kept, tree))


def layout(count: int, chosen: Links) -> Floats:
    """Coordinates of every node, (count, 2), from -1 to 1, the middle part evenly filled and its longest axis along x.

    Nodes outside the largest connected part have no place by their links; they stand in rows below it.
    """
    pairs = sparse.csr_matrix((np.ones(len(chosen.a)), (chosen.a, chosen.b)), shape=(count, count))
    _, part = connected_components(pairs, directed=False)
    main = np.flatnonzero(part == np.argmax(np.bincount(part)))
    number = np.full(count, -1)
    number[main] = np.arange(len(main))
    inside = number[chosen.a] >= 0
    places = np.zeros((count, 2))
    places[main] = _layout_of_one_part(
        len(main),
        Links(number[chosen.a][inside], number[chosen.b][inside], chosen.proximity[inside], chosen.in_tree[inside]),
    )
    aside = np.flatnonzero(number < 0)
    places[aside, 0] = -1 + 2 * (aside.argsort() % ASIDE_PER_ROW + 0.5) / ASIDE_PER_ROW
    places[aside, 1] = places[main, 1].min() - 0.06 - 0.05 * (aside.argsort() // ASIDE_PER_ROW)
    return places


def _layout_of_one_part(count: int, chosen: Links) -> Floats:
    if count < 3:
        return np.column_stack([np.linspace(-0.5, 0.5, count) if count > 1 else np.zeros(count), np.zeros(count)])
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(count))
    pairs = zip(chosen.a.tolist(), chosen.b.tolist(), chosen.proximity.tolist(), strict=True)
    graph.add_edges_from(list(pairs))
    places = rx.spring_layout(
        graph,
        pos={k: (float(x), float(y)) for k, (x, y) in enumerate(_start(count, chosen))},
        # Every round compares all pairs of products: fewer rounds for many products, whose start is good already.
        num_iter=int(np.clip(PAIRS_COMPARED / count**2, *ROUNDS)),
        weight_fn=float,
        seed=SEED,
    )
    return _evened(np.array([places[k] for k in range(count)]))


def _start(count: int, chosen: Links) -> Floats:
    """Pivot MDS of the distances in the spanning tree."""
    t = chosen.in_tree
    tree = sparse.csr_matrix((np.ones(t.sum()), (chosen.a[t], chosen.b[t])), shape=(count, count))
    pivots = np.unique(np.linspace(0, count - 1, min(PIVOTS, count)).astype(int))
    steps = shortest_path(tree, method="D", directed=False, unweighted=True, indices=pivots).T
    squares = steps**2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1, keepdims=True) + squares.mean()
    _, values, right = np.linalg.svd(centred, full_matrices=False)
    # The sign of a singular vector is free; the first clear entry decides, not the machine's library.
    right = right[:2] * np.sign(right[:2, :1] + (right[:2, :1] == 0))
    places = centred @ right.T / max(values[0], 1e-12)
    # Leaves of one branch share their distances; a tiny turn of each keeps them from lying on one point.
    turn = np.arange(count) * 2.399963
    scale = max(float(np.abs(places).max()), 1e-12)
    return places / scale + 0.01 * np.column_stack([np.cos(turn), np.sin(turn)])


def _evened(places: Floats) -> Floats:
    """Turn the longest axis along x and spread the distances from the middle so that the circle is filled evenly."""
    centred = places - places.mean(axis=0)
    _, _, right = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ (right * np.sign(right[:, :1] + (right[:, :1] == 0))).T
    spread = turned / np.maximum(turned.std(axis=0), 1e-12)
    radius = np.maximum(np.hypot(*spread.T), 1e-12)
    rank = np.empty(len(radius))
    rank[np.argsort(radius, kind="stable")] = np.arange(len(radius))
    return spread / radius[:, None] * np.sqrt((rank + 0.5) / len(radius))[:, None]


def fitted(places: Floats, size: Floats) -> Floats:
    """Stretch coordinates over a page of this size (2,), a little inside its edges; one line or point lies in its middle."""
    low, reach = places.min(axis=0), np.ptp(places, axis=0)
    shares = np.where(reach > 1e-9, (places - low) / np.maximum(reach, 1e-9), 0.5)
    return (0.02 + 0.96 * shares) * size


def apart(places: Floats, radii: Floats, low: Floats, high: Floats, gap: float) -> Floats:
    """Push circles apart until none touch, or ``PUSHES`` rounds are over; centres stay so that circles lie in the box.

    Args:
        places: centres, (n, 2), in the unit of the page.
        radii: (n,), same unit.
        low, high: corners of the box, (2,) each.
        gap: least distance between two circles.
    """
    moved = places.copy()
    least, most = low + radii[:, None], high - radii[:, None]
    for _ in range(PUSHES):
        pairs = KDTree(moved).query_pairs(2 * float(radii.max()) + gap, output_type="ndarray")
        a, b = pairs[:, 0], pairs[:, 1]
        way = moved[a] - moved[b]
        distance = np.maximum(np.hypot(*way.T), 1e-9)
        lacking = radii[a] + radii[b] + gap - distance
        near = lacking > 1e-6
        if not near.any():
            break
        a, b, lacking, way = a[near], b[near], lacking[near], way[near] / distance[near, None]
        # The smaller circle gives way more.
        share = (radii[b] ** 2 / (radii[a] ** 2 + radii[b] ** 2))[:, None]
        push = 0.6 * lacking[:, None] * way
        step = np.zeros_like(moved)
        np.add.at(step, a, push * share)
        np.add.at(step, b, -push * (1 - share))
        moved = np.clip(moved + step, least, most)
    return moved
