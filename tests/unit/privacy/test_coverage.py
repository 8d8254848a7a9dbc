"""Shares of official employment against an analyst with the official figures, the size bands, and a programme of his own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from quality.attack_coverage import Release, told
from warehouse.privacy.coverage import renewed, shown, sums
from warehouse.privacy.coverage_programme import BANDS, LARGEST
from warehouse.privacy.disclosure import DisclosureRules
from warehouse.privacy.disclosure_changes import CELL, World
from warehouse.privacy.disclosure_renewal import PENDING, Before

T = "TOTAL"
KEYS = [("x", "x", T), (T, "x", T), ("x", T, T), (T, T, T)]
RULES = DisclosureRules()


def respondents(seed: int, number: int = 120) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    weights = [1 / np.arange(1, n + 1) for n in (4, 6)]
    codes = [draw.choice(len(w), number, p=w / w.sum()) for w in weights]
    size = np.round(np.exp(draw.normal(3.4, 1.0, number)) + 1)
    edges = [(name, high) for name, (_, high) in BANDS.items()]
    band = [next((name for name, high in edges if n <= high), "250+") for n in size]
    return pl.DataFrame({
        "company_id": [f"C-{i}" for i in range(number)], "kreis_ags": [f"k{c}" for c in codes[0]],
        "wz2_code": [f"w{c}" for c in codes[1]], "headcount_band_code": T, "band": band, "headcount": size,
    })  # fmt: skip


def official(people: pl.DataFrame) -> pl.DataFrame:
    return sums(people, KEYS).select(*CELL, employees_count=(pl.col("headcount") * 5 + 7).round())


def naive(people: pl.DataFrame) -> pl.DataFrame:
    """Hidden by k and dominance alone, as it was."""
    cells = sums(people, KEYS).join(official(people), on=CELL)
    bad = (pl.col("company_count") < 5) | (pl.col("max_share") > 0.75) | (pl.col("two_max_share") > 0.85)
    pct = (100 * pl.col("headcount") / pl.col("employees_count")).round(1)
    return cells.select(*CELL, coverage_pct=pl.when(~bad).then(pct))


def known(people: pl.DataFrame, table: pl.DataFrame) -> dict[tuple[str, ...], tuple[float, float, float]]:
    """Truth, least and most of every hidden headcount."""
    rows = sums(people, KEYS).join(official(people), on=CELL).join(table, on=CELL).to_dicts()
    place = {tuple(row[c] for c in CELL): n for n, row in enumerate(rows)}
    bounds, equal = [], []
    for row in rows:
        inside = people.filter(*[pl.col(c) == row[c] for c in CELL if row[c] != T])["band"]
        low = sum(BANDS.get(b, (250, LARGEST))[0] for b in inside)
        high = sum(BANDS.get(b, (250, LARGEST))[1] for b in inside)
        if row["coverage_pct"] is not None:
            least, most = ((row["coverage_pct"] + side) * row["employees_count"] / 100 for side in (-0.0501, 0.0501))
            low, high = max(low, least), min(high, most)
        bounds.append((low, high))
    for key, n in place.items():
        for position in (0, 1):
            members = [
                m for k, m in place.items() if k[position] != T and (*k[:position], T, *k[position + 1 :]) == key
            ]
            if key[position] == T and members:
                equal.append([1.0 * (m in members) - (m == n) for m in range(len(rows))])
    found = {}
    for key, n in place.items():
        if rows[n]["coverage_pct"] is None:
            ends = [
                linprog([s * (m == n) for m in range(len(rows))], A_eq=equal, b_eq=[0] * len(equal), bounds=bounds)
                for s in (1, -1)
            ]
            assert all(end.status == 0 for end in ends)
            found[key] = (rows[n]["headcount"], ends[0].fun, -ends[1].fun)
    return found


def narrowed(people: pl.DataFrame, table: pl.DataFrame) -> set[tuple[str, ...]]:
    """Hidden headcounts told to within a fifth, those aside that the bands alone tell."""

    def near(found: dict[tuple[str, ...], tuple[float, float, float]]) -> set[tuple[str, ...]]:
        return {
            key for key, (truth, low, high) in found.items() if low >= 0.8 * truth - 1e-6 and high <= 1.2 * truth + 1e-6
        }

    blank = table.with_columns(coverage_pct=pl.lit(None, pl.Float64))
    return near(known(people, table)) - near(known(people, blank))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_hidden_headcount_follows_from_the_shares(seed: int) -> None:
    people = respondents(seed)
    assert narrowed(people, naive(people)), "it followed while each cell was judged alone"
    table = shown(people, official(people), KEYS, RULES)
    assert not narrowed(people, table.select(*CELL, "coverage_pct"))
    assert table["coverage_pct"].count() >= 5 and table["coverage_pct"].is_not_null().to_list().count(True) >= 5


def _released(then: pl.DataFrame, now: pl.DataFrame, agreed: set[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    first = shown(then, official(then), KEYS, RULES)
    world = World("first", first, then.select("company_id", *CELL, dependency_score="headcount"))
    before = Before(first.select(*CELL, world_id=pl.lit("first")), [world])
    fresh = shown(now, official(then), KEYS, RULES)
    return first, renewed(fresh, official(then), now, before, agreed, KEYS, RULES, "second")


def test_one_company_more_or_less_moves_no_share() -> None:
    then = respondents(1)
    now = then.filter(pl.col("company_id") != "C-3")
    first, rows = _released(then, now, set(then["company_id"]))
    assert rows.select(*CELL, "coverage_pct").equals(first.sort(CELL).select(*CELL, "coverage_pct"))
    fresh = shown(now, official(then), KEYS, RULES)
    assert not fresh.equals(first), "each release alone would have moved"


def test_many_small_changes_do_not_hide_one_large() -> None:
    """Six companies change by one person, one of four hundred joins: the change of the total is that one."""
    then = respondents(1)
    size = pl.col("headcount") + (pl.int_range(pl.len()) < 6)
    large = then[:1].with_columns(company_id=pl.lit("C-LARGE"), headcount=pl.lit(400.0), band=pl.lit("250+"))
    now = pl.concat([then.with_columns(headcount=size), large])
    _, rows = _released(then, now, set(now["company_id"]))
    assert rows.filter(pl.all_horizontal(pl.col(c) == T for c in CELL))["world_id"].to_list() == ["first"]


def test_many_changes_renew_and_a_withdrawal_is_not_held() -> None:
    then = respondents(1)
    _, rows = _released(then, then.head(70), set(then["company_id"]))
    assert "second" in set(rows["world_id"])
    _, rows = _released(then, then.filter(pl.col("company_id") != "C-3"), set(then["company_id"]) - {"C-3"})
    total = rows.filter(pl.all_horizontal(pl.col(c) == T for c in CELL))
    assert total["suppression_code"].to_list() == [PENDING] and total["coverage_pct"].to_list() == [None]


def _read(people: pl.DataFrame, table: pl.DataFrame, employees: pl.DataFrame) -> Release:
    """One release as the other attack takes it, company by company."""
    rows = employees.join(table.select(*CELL, "coverage_pct"), on=CELL)
    return Release(people, rows.select("kreis_ags", "wz2_code", "coverage_pct", "employees_count"))


def test_one_large_among_many_of_a_narrow_band_is_not_told() -> None:
    """740 of 1,000 persons are below every limit of dominance; that 17 others have 10 to 19 each tells them to an eighth."""
    rows = [("C-LARGE", "k0", "w0", T, "250+", 740.0), *((f"C-{i}", "k0", "w0", T, "10-19", 15.0) for i in range(17))]
    rows += [(f"C-1{i}", "k1", "w0", T, "20-49", 20.0 + 3 * i) for i in range(9)]
    people = pl.DataFrame(rows, schema=respondents(1).schema, orient="row")
    found = told([_read(people, naive(people), official(people))], RULES.k)
    assert "C-LARGE" in set(found["cell"])
    table = shown(people, official(people), KEYS, RULES)
    assert told([_read(people, table, official(people))], RULES.k).is_empty()
    assert table["coverage_pct"].count()


def _anew(people: pl.DataFrame) -> pl.DataFrame:
    """Every sixth gives a third more."""
    size = pl.when(pl.int_range(pl.len()) % 6 == 0).then((pl.col("headcount") * 1.3).round()).otherwise("headcount")
    now = people.with_columns(headcount=size)
    bands = [next((name for name, (_, high) in BANDS.items() if n <= high), "250+") for n in now["headcount"]]
    return now.with_columns(band=pl.Series(bands))


@pytest.mark.parametrize(
    ("seed", "how"),
    [(3, "30 leave"), (5, "60 leave"), (6, "60 leave"), (4, "some anew"), (1, "30 leave"), (2, "3 leave")],
)
def test_two_releases_tell_no_headcount_no_hidden_sum_and_no_small_change(seed: int, how: str) -> None:
    """An analyst with a programme of his own, company by company; in the first three cases the rules alone let him win."""
    then = respondents(seed)
    now = _anew(then) if how == "some anew" else then.head(then.height - int(how.split()[0]))
    employees = official(then)
    first, rows = _released(then, now, set(then["company_id"]))
    renewed_rows = rows.filter(pl.col("world_id") == "second")
    before = _read(then, first, employees)
    found = told([before, _read(now, renewed_rows, employees)], RULES.k)
    assert found.is_empty(), found
    assert (renewed_rows["coverage_pct"].count() >= 3) == (how != "3 leave"), "and what may be renewed is"
    alone = shown(now, employees, KEYS, RULES)
    assert told([before, _read(now, alone, employees)], RULES.k).height, "he wins where each release is alone"


def test_shares_made_with_other_official_figures_do_not_stop_a_build() -> None:
    """The official employees were corrected since: what the earlier shares said is taken from who stood behind them."""
    then = respondents(3)
    first = shown(then, official(then).with_columns(pl.col("employees_count") * 1.4), KEYS, RULES)
    world = World("first", first, then.select("company_id", *CELL, dependency_score="headcount"))
    before = Before(first.select(*CELL, world_id=pl.lit("first")), [world])
    now = then.head(60)
    fresh = shown(now, official(then), KEYS, RULES)
    rows = renewed(fresh, official(then), now, before, set(then["company_id"]), KEYS, RULES, "second")
    assert rows.filter(pl.col("world_id") == "second")["coverage_pct"].count() >= 3
