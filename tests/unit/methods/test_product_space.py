import dataclasses

import numpy as np
import polars as pl
import pytest

from warehouse.methods import relatedness
from warehouse.methods.arrays import MethodInputError
from warehouse.methods.complexity import DegenerateMatrixError
from warehouse.methods.product_space import METHOD_VERSION, compute, proximity_pairs, to_long

COLUMNS = [
    *("location_code", "product_code", "export_value_usd", "rca", "is_present", "density", "eci", "pci"),
    *("diversity_count", "ubiquity_count", "complexity_outlook_index", "complexity_outlook_gain"),
]


@pytest.fixture
def values():
    random = np.random.default_rng(8)
    skill, difficulty = random.random(12)[:, None], random.random(20)[None, :]
    made = random.random((12, 20)) < 1 / (1 + np.exp(-6 * (skill - difficulty + 0.2)))
    made[0], made[:, 0] = True, True
    table = np.where(made, random.lognormal(8, 0.5, (12, 20)), 0.0)
    table[5], table[:, 7] = 0.0, 0.0
    return table


def codes(prefix, count):
    return [f"{prefix}{i:02}" for i in range(count)]


def test_parts_agree_with_each_other(values):
    space = compute(values)
    assert space.method_version == METHOD_VERSION == "2026.1" and space.warnings == ()
    assert (space.diversity == space.presence.sum(axis=1)).all() and (
        space.ubiquity == space.presence.sum(axis=0)
    ).all()
    assert np.isnan(space.eci[5]) and np.isnan(space.pci[7]) and np.isnan(space.coi[5])
    for row in np.flatnonzero(space.diversity):
        assert space.eci[row] == pytest.approx(space.pci[space.presence[row]].mean(), abs=1e-12)
    with pytest.raises(dataclasses.FrozenInstanceError):
        space.eci = space.coi


def test_long_form_is_the_full_grid_with_nulls_and_no_nan(values):
    space = compute(values)
    frame = to_long(space, codes("L", 12), codes("P", 20))
    assert frame.columns == COLUMNS and frame.height == 240
    assert frame.select(pl.col(pl.Float64).is_nan().any()).row(0) == (False,) * 7
    cell = frame.row(by_predicate=(pl.col("location_code") == "L03") & (pl.col("product_code") == "P04"), named=True)
    assert cell["export_value_usd"] == values[3, 4] and cell["rca"] == space.rca[3, 4]
    assert cell["density"] == space.density[3, 4] and cell["complexity_outlook_gain"] == space.cog[3, 4]
    assert (cell["eci"], cell["pci"]) == (space.eci[3], space.pci[4])
    assert (cell["diversity_count"], cell["ubiquity_count"]) == (space.diversity[3], space.ubiquity[4])
    assert cell["complexity_outlook_index"] == space.coi[3] and cell["is_present"] == space.presence[3, 4]
    empty = frame.filter(pl.col("location_code") == "L05")
    assert empty.select("rca", "is_present", "eci", "complexity_outlook_gain").null_count().row(0) == (20,) * 4
    assert empty["diversity_count"].to_list() == [0] * 20 and empty["export_value_usd"].sum() == 0
    assert frame.filter(pl.col("product_code") == "P07").select("density", "pci").null_count().row(0) == (
        12,
        12,
    )


def test_codes_that_do_not_fit_the_matrix_are_refused(values):
    space = compute(values)
    for wrong in (codes("P", 19), ["P00"] * 20):
        with pytest.raises(MethodInputError, match="products: there are"):
            to_long(space, codes("L", 12), wrong)


@pytest.mark.parametrize("block", [3, 512])
def test_pairs_are_ordered_by_code_and_above_the_floor(values, monkeypatch, block):
    monkeypatch.setattr(relatedness, "ROWS_AT_A_TIME", block)
    space = compute(values)
    shuffled = [f"P{(7 * i) % 20:02}" for i in range(20)]
    pairs = proximity_pairs(space, shuffled, 0.4)
    expected = {}
    for i in range(20):
        for j in range(20):
            if shuffled[i] < shuffled[j] and space.proximity[i, j] > 0.4:
                expected[shuffled[i], shuffled[j]] = space.proximity[i, j]
    assert {(a, b): phi for a, b, phi in pairs.iter_rows()} == expected and len(expected) > 5
    assert pairs.height == len(expected)
    assert proximity_pairs(space, shuffled, 1.0).height == 0


def test_a_year_without_complexity_keeps_the_rest():
    apart = np.kron(np.eye(2), [[3.0, 1.0], [1.0, 0.0]])
    with pytest.raises(DegenerateMatrixError):
        compute(apart)
    space = compute(apart, on_degenerate="null")
    assert np.isnan(space.eci).all() and np.isnan(space.pci).all()
    assert np.isnan(space.coi).all() and np.isnan(space.cog).all()
    assert np.isfinite(space.rca).all() and np.isfinite(space.density).all()
    assert len(space.warnings) == 1 and space.warnings[0].startswith("disconnected:")
    assert to_long(space, codes("L", 4), codes("P", 4))["eci"].null_count() == 16


def test_an_empty_year_is_all_null_with_a_warning():
    space = compute(np.zeros((3, 4)), on_degenerate="null")
    assert space.warnings[0].startswith("too_small:") and np.isnan(space.rca).all()


def test_the_diagonal_is_passed_on(values):
    assert np.diag(compute(values, diag=0.0).proximity).max() == 0
