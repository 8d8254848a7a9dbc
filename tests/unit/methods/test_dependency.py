import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.errors import SettingsError
from warehouse.methods.dependency import dependency_score

CURVE = [[0, 0], [20, 25], [50, 70], [100, 100]]


def test_points_between_points_and_beyond():
    got = dependency_score(pl.Series("share", [0, 10, 20, 35, 100, 250, -5]), CURVE)
    assert got.to_list() == [0, 12.5, 25, 47.5, 100, 100, 0] and got.name == "share"


def test_unknown_in_unknown_out():
    got = dependency_score(pl.Series("share", [None, float("nan"), 50.0]), CURVE)
    assert got.to_list() == [None, None, 70]
    assert dependency_score(pl.Series("share", [], dtype=pl.Float64), CURVE).len() == 0


def test_a_falling_curve_is_allowed():
    assert dependency_score(pl.Series("stock_days", [0, 15, 60]), [(0, 100), (30, 0)]).to_list() == [
        100,
        50,
        0,
    ]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2))
def test_more_dependence_never_scores_less(values):
    got = dependency_score(pl.Series("share", sorted(values)), CURVE).to_list()
    assert got == sorted(got) and got[0] >= 0 and got[-1] <= 100


@pytest.mark.parametrize(
    "curve",
    [
        [[0, 0]],
        [[0, 0], [0, 50]],
        [[50, 0], [20, 50]],
        [[0, 0], [50, 80], [100, 40]],
        [[0, 0], [50, 120]],
        [[0, 0], [float("nan"), 50]],
        [0, 50],
        [["a", "b"], ["c", "d"]],
    ],
)
def test_senseless_curves_are_refused(curve):
    with pytest.raises(SettingsError, match="breakpoints of 'share'"):
        dependency_score(pl.Series("share", [1.0]), curve)
