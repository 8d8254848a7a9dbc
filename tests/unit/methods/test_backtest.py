"""The back-test by hand: cases, outcomes, what may be known, and the measures of a forecast."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from warehouse.methods.arrays import MethodInputError
from warehouse.methods.backtest import (
    DEFAULT,
    OUTPUT_SCHEMA,
    BacktestConfig,
    Cases,
    Panel,
    backtest,
    backtest_editions,
    cases,
    forecast,
    known_in,
    windows,
)
from warehouse.methods.backtest_forecast import auc, calibration_error, crossed, fitted, precision_at
from warehouse.methods.backtest_models import MODELS

YES, NO = True, False


def panel_of(years: dict[int, list[list[float]]]) -> pl.DataFrame:
    """Exports of locations A, B, ... in products p, q, ... by year; a zero is no row."""
    rows = [
        (year, "ABCDEFGH"[c], "pqrstuvw"[p], value)
        for year, table in years.items()
        for c, line in enumerate(table)
        for p, value in enumerate(line)
        if value
    ]
    return pl.DataFrame(rows, schema=["year", "location_code", "product_code", "value_usd"], orient="row")


# RCA of these tables: A makes p alone; B and C share q and r.
BEFORE = [[8.0, 0.0, 0.0], [0.0, 4.0, 4.0], [0.0, 4.0, 4.0]]
ENTERED = [[4.0, 4.0, 0.0], [0.0, 4.0, 4.0], [0.0, 4.0, 4.0]]  # A makes q: RCA (4/8) / (12/24) = 1


def random_world(years: range, seed: int = 7) -> pl.DataFrame:
    """Twelve locations and eight products with entries and exits by chance."""
    rng = np.random.default_rng(seed)
    made = rng.random((12, 8)) < 0.4
    frames = []
    for year in years:
        made = np.where(rng.random(made.shape) < 0.15, ~made, made)
        made[:, 0] = made[0] = True
        row, column = np.nonzero(made)
        value = rng.uniform(1.0, 5.0, len(row))
        frames.append(pl.DataFrame({"year": np.full(len(row), year), "location_code": [f"L{r:02}" for r in row],
                                    "product_code": [f"P{c}" for c in column], "value_usd": value}))  # fmt: skip
    return pl.concat(frames)


def test_a_case_is_absent_and_an_entry_stays() -> None:
    """Absent in 2000; A makes q from 2004 on: an entry by 2005. Nobody else enters anything."""
    panel = Panel(panel_of({2000: BEFORE, 2004: ENTERED, 2005: ENTERED}))
    test = cases(panel, 2000, 2005, DEFAULT)
    assert test.location.tolist() == [0, 0, 1, 2]
    assert test.entered.tolist() == [YES, NO, NO, NO]


def test_one_odd_year_is_no_entry_and_no_absence() -> None:
    at_the_end = Panel(panel_of({2000: BEFORE, 2004: BEFORE, 2005: ENTERED}))
    assert not cases(at_the_end, 2000, 2005, DEFAULT).entered.any()
    made_before = Panel(panel_of({1999: ENTERED, 2000: BEFORE, 2004: ENTERED, 2005: ENTERED}))
    test = cases(made_before, 2000, 2005, DEFAULT)
    assert test.location.tolist() == [0, 1, 2] and not test.entered.any()  # A's q was there a year ago: no case
    alone = Panel(panel_of({2000: BEFORE, 2005: ENTERED}))  # the years between are not known: the ends decide
    assert cases(alone, 2000, 2005, DEFAULT).entered.tolist() == [YES, NO, NO, NO]


def test_between_the_limits_is_neither() -> None:
    """RCA 0.5 to 1 is no absence at the start and no entry at the end."""
    some = [[6.0, 2.0, 0.0], [0.0, 4.0, 4.0], [0.0, 4.0, 4.0]]  # A's q: (2/8) / (10/24) = 0.6
    begun = Panel(panel_of({2000: some, 2005: ENTERED}))
    assert cases(begun, 2000, 2005, DEFAULT).location.tolist() == [0, 1, 2]
    reached = Panel(panel_of({2000: BEFORE, 2005: some}))
    assert not cases(reached, 2000, 2005, DEFAULT).entered.any()


@pytest.mark.parametrize("silent", [2000, 2004, 2005])
def test_a_silent_year_is_unknown_and_not_zero(silent: int) -> None:
    """A reports nothing in one of the years: it gives no case, neither absent nor left."""
    exports = panel_of({2000: BEFORE, 2004: ENTERED, 2005: ENTERED})
    without = exports.filter(~((pl.col("year") == silent) & (pl.col("location_code") == "A")))
    assert 0 not in cases(Panel(without), 2000, 2005, DEFAULT).location.tolist()


def test_windows_need_both_ends() -> None:
    assert windows([2017, 2018, 2022, 2023, 2030], 5) == [(2017, 2022), (2018, 2023)]
    assert windows([2017, 2019], 5) == []


def test_nothing_after_the_first_year_is_known() -> None:
    """Other figures in all later years change what came true, never what was known or foretold."""
    exports = random_world(range(2000, 2011))
    other = pl.concat(
        [exports.filter(pl.col("year") <= 2005), random_world(range(2000, 2011), 8).filter(pl.col("year") > 2005)]
    )
    panels = [Panel(exports), Panel(other)]
    for name, grid in known_in(panels[0], 2005).items():
        np.testing.assert_array_equal(grid, known_in(panels[1], 2005)[name])
    told = []
    for panel in panels:
        train, test = cases(panel, 2000, 2005, DEFAULT), cases(panel, 2005, 2010, DEFAULT)
        assert train.is_mixed
        told.append(forecast(train, test, MODELS["market_fit"], 5))
    assert not np.array_equal(
        cases(panels[0], 2005, 2010, DEFAULT).entered, cases(panels[1], 2005, 2010, DEFAULT).entered
    )
    np.testing.assert_array_equal(*told)


def test_without_an_earlier_window_no_case_foretells_itself() -> None:
    rng = np.random.default_rng(1)
    features, outcome, group = rng.random((200, 2)), rng.random(200) < 0.3, np.repeat(np.arange(10), 20)
    chance = crossed(features, outcome, group, 5)
    own = group % 5 == 3
    turned = crossed(features, np.where(own, ~outcome, outcome), group, 5)
    np.testing.assert_array_equal(chance[own], turned[own])
    assert not np.array_equal(chance[~own], turned[~own])


def test_the_logit_gives_the_shares_of_two_groups() -> None:
    """With one feature of two values the likeliest logit is the share in each."""
    feature = np.repeat([0.0, 1.0], [100, 50])[:, None]
    outcome = np.concatenate([np.arange(100) < 20, np.arange(50) < 30])
    told = fitted(feature, outcome, np.array([[0.0], [1.0]]))
    assert told == pytest.approx([0.2, 0.6], abs=1e-4)


def test_a_feature_that_separates_or_never_changes_gives_no_infinity() -> None:
    separated = fitted(np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([NO, NO, YES, YES]), np.array([[0.0], [1.0]]))
    # The ridge of 1e-6 holds the weight near 20; without it the steps run on until they see no slope any more.
    assert 1e-6 < separated[0] < 0.01 and separated[0] == pytest.approx(1 - separated[1])
    constant = fitted(np.ones((4, 1)), np.array([NO, NO, NO, YES]), np.ones((1, 1)))
    assert constant == pytest.approx([0.25], abs=1e-6)


def test_auc_counts_pairs() -> None:
    rng = np.random.default_rng(3)
    chance, outcome = rng.integers(0, 6, 60) / 6, rng.random(60) < 0.3
    yes, no = chance[outcome], chance[~outcome]
    pairs = np.sign(yes[:, None] - no[None, :])
    assert auc(chance, outcome) == pytest.approx(((pairs + 1) / 2).mean(), abs=1e-12)
    assert np.isnan(auc(chance, np.zeros(60, dtype=bool)))


def test_precision_is_per_location_and_ties_share_the_places() -> None:
    group = np.array([0, 0, 0, 1, 1])
    chance, outcome = np.array([0.9, 0.5, 0.5, 0.7, 0.1]), np.array([NO, YES, NO, YES, NO])
    # Two places: location 0 has a sure miss and one of two tied cases, of which half came; location 1 hits one of two.
    assert precision_at(chance, outcome, group, 2) == pytest.approx((0.25 + 0.5) / 2)
    assert precision_at(chance, outcome, group, 20) == pytest.approx((1 / 3 + 1 / 2) / 2)
    shuffled = np.array([4, 2, 0, 3, 1])
    assert precision_at(chance[shuffled], outcome[shuffled], group[shuffled], 2) == pytest.approx(0.375)


def test_calibration_error_is_the_gap_of_equal_bins() -> None:
    chance = np.repeat([0.1, 0.5], 50)
    outcome = np.concatenate([np.arange(50) < 5, np.arange(50) < 40])
    assert calibration_error(chance, outcome, 2) == pytest.approx((0.0 + 0.3) / 2)
    assert calibration_error(np.full(10, 0.3), np.arange(10) < 3, 10) == pytest.approx(0.0)
    # Gaps of one bin cancel, gaps of two do not.
    apart = np.array([0.2] * 10 + [0.4] * 10)
    came = np.array([YES] * 4 + [NO] * 6 + [YES] * 2 + [NO] * 8)
    assert calibration_error(apart, came, 1) == pytest.approx(0.0) and calibration_error(
        apart, came, 2
    ) == pytest.approx(0.2)


def test_every_model_on_every_window() -> None:
    told = backtest(random_world(range(2000, 2012)))
    assert told.schema == OUTPUT_SCHEMA
    assert told.select("train_until_year", "test_until_year").unique().height == 7
    assert told.height == 7 * len(MODELS)
    assert told.null_count().row(0) == (0,) * 7
    counts = told.group_by("train_until_year").agg(pl.col("case_count").n_unique())
    assert set(counts["case_count"]) == {1}, "all models judge the same cases"


def test_the_order_of_rows_changes_nothing() -> None:
    exports = random_world(range(2000, 2008))
    assert backtest(exports).equals(backtest(exports.sample(fraction=1.0, shuffle=True, seed=5)))


def test_nothing_to_judge_is_empty() -> None:
    assert backtest(random_world(range(2000, 2005))).is_empty()
    assert backtest(panel_of({2000: BEFORE, 2005: BEFORE})).is_empty()  # nobody entered anything
    nothing = random_world(range(2000, 2001)).clear()
    kinds = [
        pl.lit(v).alias(k) for k, v in (("source_id", "x"), ("classification_code", "HS2017"), ("product_level", 6))
    ]
    assert backtest(nothing).schema == backtest_editions(nothing.with_columns(kinds)).schema == OUTPUT_SCHEMA


def test_a_window_is_told_by_the_finest_and_newest_edition() -> None:
    def kind(exports: pl.DataFrame, edition: str, level: int) -> pl.DataFrame:
        return exports.with_columns(
            source_id=pl.lit("s"), classification_code=pl.lit(edition), product_level=pl.lit(level)
        )

    old, new, coarse = (
        random_world(range(2000, 2009)),
        random_world(range(2003, 2010), 8),
        random_world(range(1999, 2005), 9),
    )
    told = backtest_editions(pl.concat([kind(old, "HS2002", 6), kind(new, "HS2007", 6), kind(coarse, "HS2007", 4)]))
    assert sorted(told["train_until_year"].unique()) == [1999, 2000, 2001, 2002, 2003, 2004]
    assert (
        told.filter(pl.col("train_until_year") >= 2003)
        .sort("train_until_year", "model_code")
        .equals(backtest(new).sort("train_until_year", "model_code"))
    )
    first = told.filter(pl.col("train_until_year") == 2000)["case_count"]
    assert set(first) == set(backtest(old).filter(pl.col("train_until_year") == 2000)["case_count"])


@pytest.mark.parametrize("spoil", [lambda f: f.drop("value_usd"), lambda f: pl.concat([f, f.head(1)])])
def test_unusable_exports_are_refused(spoil) -> None:
    with pytest.raises(MethodInputError):
        backtest(spoil(random_world(range(2000, 2006))))


def test_a_shorter_horizon_is_a_setting() -> None:
    told = backtest(random_world(range(2000, 2006)), BacktestConfig(horizon_years=4))
    assert set(told["test_until_year"] - told["train_until_year"]) == {4}


def test_cases_of_one_outcome_teach_nothing() -> None:
    place, features = np.array([0, 1]), {"ubiquity": np.array([1.0, 2.0])}
    same = Cases(place, place, features, np.array([NO, NO]))
    mixed = Cases(place, place, features, np.array([NO, YES]))
    assert forecast(same, mixed, ("ubiquity",), 2).tolist() == [1.0, 0.0]  # what the other location says
