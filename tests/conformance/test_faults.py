"""What goes wrong in a peer, shown in its own environment, and what this project answers instead."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.conformance.environments import run_peer
from tests.conformance.matrices import invented
from warehouse.methods.arrays import FloatArray, MethodInputError
from warehouse.methods.complexity import DegenerateMatrixError, complexity
from warehouse.methods.opportunity import opportunity_gain, opportunity_index
from warehouse.methods.proximity_forms import continuous_proximity, nearest
from warehouse.methods.relatedness import density, proximity
from warehouse.methods.relatedness_forms import knn_density, level_density
from warehouse.methods.specialisation import presence, rca, rpop
from warehouse.methods.subnational import subnational_eci

LIMIT = 1.5
Said = dict[str, list[float | None]]

# peer, what happens there, what this project does: rows of the page of conventions.
FAULTS_SHOWN = (
    ("ecomplexity", "one product that nobody makes: ECI, PCI, COI and COG of everything are NaN", "that product is NULL, the rest stands"),
    ("ecomplexity", "one location that makes nothing: the same", "that location is NULL, the rest stands"),
    ("ecomplexity", "two products that nobody makes: COI of every location is NaN", "they leave the sum"),
    ("ecomplexity", "two locations that make nothing: every ECI and PCI is NaN", "they leave mean and deviation"),
    ("ecomplexity", "`knn=`: density is the sum of the levels of the neighbours, without weights and without denominator", "`knn_density`: weighted share, as the Stata package has it"),
    ("ecomplexity", "`presence_test='both'`: presence is 0, 1 or 2", "the union, 0 or 1"),
    ("ecomplexity", "one unknown value under `continuous=True`: every density is NaN", "refused with the number of such cells: whether it is a zero is known at the source"),
    ("econcomplex", "a matrix that falls into unconnected parts: an arbitrary ECI, without a word", "refused with `disconnected` and the rows; NULL with a reason in the marts"),
    ("econcomplex", "PCI can be turned against ECI, so that the most complex location makes the least complex products", "one sign for both"),
    ("econcomplex", "a region that makes nothing has a sub-national ECI of 0, the world's average", "NULL"),
    ("economic-complexity", "one product that nobody makes: ECI and PCI of everything are NaN", "that product is NULL, the rest stands"),
    ("economic-complexity", "one location that makes nothing: the same", "that location is NULL, the rest stands"),
    ("economic-complexity", "`proximity` fails under pandas 3 (it writes into a read-only array)", "no pandas in it"),
    ("economic-complexity", "a matrix that falls into unconnected parts: an arbitrary ECI, without a word", "refused with `disconnected` and the rows; NULL with a reason in the marts"),
)  # fmt: skip


def average_products(values: FloatArray, shares: tuple[float, ...]) -> FloatArray:
    """Products of which everybody makes the same share: RCA is 1 everywhere, above a limit of 1.5 nowhere."""
    return np.hstack([values, *(values.sum(axis=1, keepdims=True) * share for share in shares)])


def average_locations(values: FloatArray, sizes: tuple[float, ...]) -> FloatArray:
    """Locations with the world's basket: RCA is 1 in every product."""
    return np.vstack([values, *(values.sum(axis=0, keepdims=True) * size for size in sizes)])


# PCI falls with ubiquity here only if it is turned against ECI.
TURNED = np.array(
    [
        [0, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 1],
        [0, 1, 0, 0, 1, 1, 1],
        [1, 0, 0, 0, 1, 0, 0],
        [0, 0, 0, 1, 1, 0, 0],
        [1, 1, 0, 0, 1, 0, 1],
    ],
    dtype=float,
)
PLAIN = invented(20, 30).values
TABLES = {
    "plain": PLAIN,
    "one_product": average_products(PLAIN, (0.05,)),
    "two_products": average_products(PLAIN, (0.05, 0.02)),
    "one_location": average_locations(PLAIN, (0.1,)),
    "two_locations": average_locations(PLAIN, (0.1, 0.3)),
    "torn": np.kron(np.eye(2), np.tril(np.ones((4, 4)))),
    "turned": TURNED,
}


def codes(letter: str, number: int) -> pl.Series:
    return pl.Series([f"{letter}{i:02}" for i in range(number)])


@pytest.fixture(scope="module")
def asked(peers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """The answers of both environments to all tables."""
    work = tmp_path_factory.mktemp("faults")
    for name, table in TABLES.items():
        height, width = table.shape
        pl.DataFrame(
            {
                "location": codes("L", height).gather(np.repeat(np.arange(height), width)),
                "product": codes("P", width).gather(np.tile(np.arange(width), height)),
                "value": table.ravel(),
            }
        ).write_parquet(work / f"{name}.parquet")
    return {
        lock: json.loads(run_peer(peers.python(lock), "complexity_faults_side.py", str(work)))
        for lock in ("complexity", "economic_complexity")
    }


def unknown(figure: list[float | None]) -> int:
    return sum(x is None for x in figure)


@pytest.mark.parametrize("table", ["one_product", "two_products", "one_location", "two_locations"])
def test_what_is_empty_is_null_and_the_rest_stands(table: str) -> None:
    made = presence(rca(TABLES[table]), LIMIT)
    empty_rows, empty_columns = ~made.any(axis=1), ~made.any(axis=0)
    assert empty_rows.sum() + empty_columns.sum() == (1 if table.startswith("one") else 2), "the table is what it says"
    phi = proximity(made)
    around, found = density(made, phi), complexity(made)
    np.testing.assert_array_equal(np.isnan(found.eci), empty_rows)
    np.testing.assert_array_equal(np.isnan(found.pci), empty_columns)
    np.testing.assert_array_equal(np.isnan(opportunity_index(made, around, found.kp)), empty_rows)
    gain = opportunity_gain(made, phi, found.kp)
    np.testing.assert_array_equal(np.isnan(gain), empty_rows[:, None] | empty_columns[None, :])
    alone = complexity(made[np.ix_(~empty_rows, ~empty_columns)])
    np.testing.assert_allclose(found.eci[~empty_rows], alone.eci, atol=1e-12)


@pytest.mark.peers
@pytest.mark.parametrize("table", ["one_product", "one_location"])
def test_ecomplexity_loses_everything_to_one_empty_row_or_column(asked: dict[str, Said], table: str) -> None:
    for figure in ("eci", "pci", "coi"):
        answer = asked["complexity"][f"{table}_{figure}"]
        assert unknown(answer) == len(answer)


@pytest.mark.peers
def test_ecomplexity_loses_the_means_to_two(asked: dict[str, Said]) -> None:
    said = asked["complexity"]
    assert unknown(said["two_locations_eci"]) == 22 and unknown(said["two_locations_pci"]) == 30
    assert unknown(said["two_products_coi"]) == 20
    assert unknown(said["two_products_eci"]) == 0, "with two, ECI itself still comes out"


@pytest.mark.peers
@pytest.mark.parametrize("table", ["one_product", "one_location"])
def test_economic_complexity_loses_everything_too(asked: dict[str, Said], table: str) -> None:
    said = asked["economic_complexity"]
    assert unknown(said[f"{table}_eci"]) == len(said[f"{table}_eci"])
    assert unknown(said[f"{table}_pci"]) == len(said[f"{table}_pci"])


@pytest.mark.peers
def test_the_neighbours_of_ecomplexity_are_not_weighted(asked: dict[str, Said]) -> None:
    """Its answer is the bare sum over the ten nearest; ours their weighted mean."""
    index = rca(PLAIN)
    phi = continuous_proximity(index, diag=0.0)
    bare = index @ (nearest(phi, 10) > 0)
    np.testing.assert_allclose(np.array(asked["complexity"]["knn"], dtype=float), bare.ravel(), rtol=1e-9)
    ours = level_density(index, nearest(phi, 10))
    weight = nearest(phi, 10)
    np.testing.assert_allclose(ours, index @ weight / weight.sum(axis=0), rtol=1e-12)
    made = presence(index)
    share = knn_density(made, proximity(made), 10)
    assert share.min() >= 0 and share.max() <= 1 + 1e-12 and bare.max() > 1


@pytest.mark.peers
def test_present_twice_is_present(asked: dict[str, Said]) -> None:
    assert asked["complexity"]["both"] == [0, 1, 2] or asked["complexity"]["both"] == [0, 2]
    either = presence(rca(PLAIN)) | presence(rpop(PLAIN, PLAIN.sum(axis=1)))
    assert set(np.unique(either.astype(int))) == {0, 1}


@pytest.mark.peers
def test_an_unknown_value_is_refused_and_does_not_spread(asked: dict[str, Said]) -> None:
    assert unknown(asked["complexity"]["gap"]) == len(asked["complexity"]["gap"])
    with_gap = PLAIN.copy()
    with_gap[0, 0] = np.nan
    with pytest.raises(MethodInputError, match="1 cells are NaN"):
        rca(with_gap)


@pytest.mark.peers
def test_economic_complexity_needs_an_old_pandas(peers, tmp_path: Path) -> None:
    """Why it has a lock of its own."""
    [site] = peers.python("economic_complexity").parent.parent.glob("lib/python*/site-packages")
    said = run_peer(peers.python("complexity"), "complexity_faults_side.py", str(tmp_path), "under", str(site))
    assert said.startswith("pandas 3") and "read-only" in said


@pytest.mark.peers
def test_a_torn_matrix_is_refused_and_not_ranked(asked: dict[str, Said]) -> None:
    for lock in ("complexity", "economic_complexity"):
        assert unknown(asked[lock]["torn"]) == 0, "the peer answers as if nothing were wrong"
    with pytest.raises(DegenerateMatrixError, match="2 unconnected parts") as refused:
        complexity(TABLES["torn"])
    assert refused.value.reason_code == "disconnected"


@pytest.mark.peers
def test_the_most_complex_location_makes_the_most_complex_products(asked: dict[str, Said]) -> None:
    [correlation] = asked["complexity"]["turned"]
    assert correlation == pytest.approx(-1)
    found = complexity(TURNED)
    means = (TURNED @ found.pci) / TURNED.sum(axis=1)
    np.testing.assert_allclose(means, found.eci, atol=1e-12)
    set_alike = complexity(TURNED, "own", sign="separate").pci
    np.testing.assert_allclose(set_alike, np.array(asked["complexity"]["turned_pci"], dtype=float), atol=1e-9)


@pytest.mark.peers
def test_who_makes_nothing_is_no_average_region(asked: dict[str, Said]) -> None:
    assert asked["complexity"]["nothing_made"][2] == 0
    assert np.isnan(subnational_eci([[1, 0], [0, 1], [0, 0]], [1.0, 2.0])[2])
