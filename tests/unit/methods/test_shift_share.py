"""Shift-share: by hand, exactly additive, and honest about what was not there before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.shift_share import dynamic_shift_share, shift_share

PARTS = ("national", "industry_mix", "competitive", "allocation", "entry")


def summed(split):
    return sum(getattr(split, part) for part in PARTS)


def test_by_hand():
    # The nation grows by a tenth (1,000 to 1,100), metal by a fifth, trade not at all (500 and 500 at first).
    got = shift_share([[100.0, 50.0]], [[130.0, 40.0]], [500, 500], [600, 500])
    np.testing.assert_allclose(got.national, [[10, 5]])
    np.testing.assert_allclose(got.industry_mix, [[10, -5]])
    np.testing.assert_allclose(got.competitive, [[10, -10]])
    assert not got.entry.any() and not got.allocation.any()


def test_what_was_not_there_is_entry_and_not_competitive():
    got = shift_share([[0.0, 50.0]], [[30.0, 50.0]], [500, 500], [600, 500])
    assert got.entry.tolist() == [[30, 0]] and got.competitive[0, 0] == 0
    np.testing.assert_allclose(summed(got), got.change)


def test_the_homothetic_form_by_hand():
    # With the nation's mix the region would have had 75 and 75; its own rates are 0.1 and -0.2.
    got = shift_share([[100.0, 50.0]], [[130.0, 40.0]], [500, 500], [600, 500], form="homothetic")
    np.testing.assert_allclose(got.competitive, [[7.5, -15]])
    np.testing.assert_allclose(got.allocation, [[2.5, 5]])


def test_unknown_cells_stay_unknown_and_alone():
    got = shift_share([[np.nan, 50.0], [10.0, 10.0]], [[130.0, 40.0], [10.0, np.nan]], [500, 500], [600, 500])
    for part in ("change", *PARTS):
        assert np.isnan(getattr(got, part)).tolist() == [[True, False], [False, True]]


cells = hnp.arrays(np.float64, (3, 2, 4), elements=st.integers(0, 1000).map(float))


@given(cells, st.sampled_from(["classic", "homothetic"]))
def test_the_parts_add_up(region, form):
    base = region.sum(axis=1) + 7.0
    split = shift_share(region[0], region[2], base[0], base[2], form=form)
    np.testing.assert_allclose(summed(split), region[2] - region[0], rtol=0, atol=1e-9)
    moving = dynamic_shift_share(region, base, form=form)
    np.testing.assert_allclose(summed(moving), region[2] - region[0], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(moving.change, region[2] - region[0])


@given(cells)
def test_a_nation_of_one_region_competes_with_nobody(region):
    alone = region[:, :1] + 1.0
    split = shift_share(alone[0], alone[1], alone[0, 0], alone[1, 0])
    np.testing.assert_allclose(split.competitive, 0, atol=1e-9)


def test_the_dynamic_form_is_the_sum_of_years():
    region = np.array([[[100.0, 50.0]], [[120.0, 40.0]], [[110.0, 60.0]]])
    base = np.array([[500.0, 500.0], [550.0, 490.0], [600.0, 500.0]])
    years = [shift_share(region[t], region[t + 1], base[t], base[t + 1]) for t in (0, 1)]
    moving = dynamic_shift_share(region, base)
    np.testing.assert_allclose(moving.competitive, years[0].competitive + years[1].competitive)
    assert not np.allclose(moving.national, shift_share(region[0], region[2], base[0], base[2]).national)


@pytest.mark.parametrize(
    ("before", "after", "base0", "base1", "problem"),
    [
        ([[1.0, 2.0]], [[1.0]], [5, 5], [5, 5], "differ in shape"),
        ([[1.0, -2.0]], [[1.0, 1.0]], [5, 5], [5, 5], "below zero"),
        ([[1.0, 2.0]], [[1.0, 2.0]], [5, 0], [5, 5], "industries .1."),
        ([[1.0, 2.0]], [[1.0, 2.0]], [5, np.nan], [5, 5], "none of them secret"),
        ([[0.0, 0.0]], [[1.0, 2.0]], [0, 0], [5, 5], "total above 0"),
    ],
)
def test_unusable_input_is_refused(before, after, base0, base1, problem):
    with pytest.raises(MethodInputError, match=problem):
        shift_share(before, after, base0, base1)
    with pytest.raises(MethodInputError, match="one year"):
        dynamic_shift_share([[[1.0]]], [[1.0]])
