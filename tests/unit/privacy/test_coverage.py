"""Shares of official employment against an analyst with the official figures, the size bands, and a programme of his own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from warehouse.privacy.coverage import BANDS, LARGEST, renewed, shown, sums
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
    return first, renewed(fresh, now, before, agreed, KEYS, RULES, "second")


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
