"""Two releases of one table against a reader who kept both and shares no code with the suppression (quality/attack_pair)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality.attack_pair import won
from warehouse.privacy.disclosure import NONE, DisclosureRules, protect
from warehouse.privacy.disclosure_changes import CELL, World, changes, over_margins, tally
from warehouse.privacy.disclosure_renewal import PENDING, Before, renew
from warehouse.privacy.disclosure_values import ValueRules, protect_values

MARGINS = ((1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 1, 0), (0, 0, 1))
KEYS = [tuple("TOTAL" if summed else "x" for summed in margin) for margin in MARGINS]
SCHEMA = {"company_id": pl.String, **dict.fromkeys(CELL, pl.String), "dependency_score": pl.Float64}
RULES, VALUES = DisclosureRules(), ValueRules()
TOTAL = ("TOTAL", "TOTAL", "TOTAL")


def people(seed: int, number: int, first: int = 0, sizes: tuple[int, ...] = (3, 5, 3)) -> pl.DataFrame:
    """Invented companies with their answers."""
    draw = np.random.default_rng(seed)
    codes = [draw.choice(n, number, p=(w := 1 / np.arange(1, n + 1)) / w.sum()) for n in sizes]
    columns = {name: [f"{name[0]}{c}" for c in of_name] for name, of_name in zip(CELL, codes, strict=True)}
    ids = [f"C-{first + i:04d}" for i in range(number)]
    scores = np.round(100 * draw.beta(0.8, 1.0, number), 1)
    return pl.DataFrame({"company_id": ids, **columns, "dependency_score": scores}, schema=SCHEMA)


def fresh(companies: pl.DataFrame) -> pl.DataFrame:
    """The table protected by itself, as it is published where nothing was before."""
    score, shown = pl.col("dependency_score"), pl.col("suppression_code") == NONE
    spread = over_margins(companies, KEYS).group_by(CELL).agg(score_range=score.max() - score.min())
    cells = tally(companies, KEYS, 70.0).join(spread, on=CELL)
    table = protect_values(protect(cells, CELL, contributions=None), CELL, VALUES)
    return table.select(
        *CELL, company_count=pl.when(shown).then("company_count"), mean_score=pl.when(shown).then("published_mean"),
        share_high_pct=pl.when(shown).then("published_share"), suppression_code="suppression_code",
    )  # fmt: skip


def before(companies: pl.DataFrame, table: pl.DataFrame) -> Before:
    return Before(table.select(*CELL, world_id=pl.lit("first")), [World("first", table, companies)])


def second(then: pl.DataFrame, now: pl.DataFrame, withdrawn: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first release and the one that follows it; who left withdrew, or did not."""
    first = fresh(then)
    agreed = set(now["company_id"]) | (set() if withdrawn else set(then["company_id"]))
    rows = renew(fresh(now), now, before(then, first), agreed, RULES, VALUES, "second")
    return first, rows


def attacked(then: pl.DataFrame, now: pl.DataFrame, first: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    as_served = first.with_columns(published_run_id=pl.lit("first")), rows.rename({"world_id": "published_run_id"})
    truths = tally(then, KEYS, 70.0), tally(now, KEYS, 70.0)
    moves = changes(then, now, KEYS, 0.0).select(*CELL, "joined", "left", "changed")
    return won(*as_served, truths, moves, RULES.k, VALUES.high_from)


def changed(then: pl.DataFrame, how: str) -> pl.DataFrame:
    """One company of a cell that is shown joins, leaves, moves, answers anew."""
    base = then.filter(pl.col("kreis_ags") == "k0", pl.col("wz2_code") == "w0")[0]
    rest = then.filter(pl.col("company_id") != base["company_id"][0])
    if how == "leaves":
        return rest
    if how == "joins":
        return pl.concat([then, base.with_columns(company_id=pl.lit("C-NEW"), dependency_score=pl.lit(42.0))])
    if how == "moves":
        return pl.concat([rest, base.with_columns(kreis_ags=pl.lit("k1"))])
    return pl.concat([rest, base.with_columns(dependency_score=(pl.col("dependency_score") + 50) % 100)])


@pytest.mark.parametrize("how", ["joins", "leaves", "moves", "answers anew"])
def test_one_company_changes_nothing_and_naive_releases_show_it(how: str) -> None:
    then = people(1, 120)
    now = changed(then, how)
    first, rows = second(then, now)
    assert rows.drop("world_id").equals(first.sort(CELL)) and set(rows["world_id"]) == {"first"}
    assert attacked(then, now, first, rows).is_empty()
    naive = fresh(now).with_columns(world_id=pl.lit("second"))
    found = attacked(then, now, first, naive)
    assert found.filter(pl.col("figure").str.starts_with("change")).height, "the reader wins where each is alone"


def test_a_new_wave_of_answers_renews_what_is_safe() -> None:
    then = people(1, 120)
    now = pl.concat([then, people(2, 60, 1000)])
    first, rows = second(then, now)
    new = rows.filter(pl.col("world_id") == "second")
    assert TOTAL in set(new.select(CELL).iter_rows()) and new.height >= 3
    assert attacked(then, now, first, rows).is_empty()
    assert not attacked(then, now, first, fresh(now).with_columns(world_id=pl.lit("second"))).is_empty()


def joining(places: list[tuple[str, float]]) -> pl.DataFrame:
    """Companies of the largest division and band that join in a Kreis with a score."""
    rows = [(f"C-NEW{i}", kreis, "w0", "h0", score) for i, (kreis, score) in enumerate(places)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def wide(companies: int) -> pl.DataFrame:
    """Companies of four Kreise, one division and one band: every cell is large enough to be shown."""
    draw = np.random.default_rng(9)
    rows = [
        (f"C-{i:04d}", f"k{i % 4}", "w0", "h0", float(s))
        for i, s in enumerate(np.round(100 * draw.random(companies), 1))
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_two_small_groups_do_not_follow_as_one() -> None:
    """Two join in each of two Kreise, ten in the others: their four answers would follow from the rest as a sum."""
    then = wide(120)
    score = [83.0, 22.0, 47.0, 91.0, 12.0, 83.0, 55.0, 40.0, 71.0, 28.0, 64.0, 35.0, 58.0, 44.0]
    kreis = ["k0", "k0", "k1", "k1", *["k2"] * 5, *["k3"] * 5]
    now = pl.concat([then, joining(list(zip(kreis, score, strict=True)))])
    first, rows = second(then, now)
    assert attacked(then, now, first, rows).is_empty()
    chosen = pl.col("kreis_ags").is_in(["k2", "k3", "TOTAL"])
    careless = fresh(now).with_columns(world_id=pl.lit("second")).filter(chosen)
    careless = pl.concat([careless, first.with_columns(world_id=pl.lit("first")).filter(~chosen)])
    found = attacked(then, now, first, careless)
    assert "change of a group" in set(found["figure"]), "with the two others renewed the reader wins"


def test_five_answers_that_are_alike_are_not_told_by_their_sum() -> None:
    """Five join with nearly the highest score, one of them in another Kreis: the sum leaves each of them little room."""
    then = wide(120)
    now = pl.concat([then, joining([("k0", 97.0), *[("k1", 98.0)] * 4])])
    first, rows = second(then, now)
    assert set(rows["world_id"]) == {"first"}
    total = pl.all_horizontal(pl.col(c) == "TOTAL" for c in CELL)
    careless = fresh(now).with_columns(world_id=pl.lit("second")).filter(total)
    careless = pl.concat([careless, first.with_columns(world_id=pl.lit("first")).filter(~total)])
    assert not attacked(then, now, first, careless).is_empty(), "with the total alone renewed the reader wins"


def test_many_small_corrections_hide_nobody() -> None:
    """Nine companies correct their answer by a point, one joins: the total would tell what that one answered."""
    then = people(1, 120)
    moved = (
        pl.when(pl.int_range(pl.len()) < 9).then((pl.col("dependency_score") - 1).clip(0)).otherwise("dependency_score")
    )
    now = changed(then.with_columns(dependency_score=moved), "joins")
    _, rows = second(then, now)
    assert set(rows["world_id"]) == {"first"}


def test_a_figure_of_who_withdrew_is_not_held() -> None:
    then = people(1, 120)
    now = changed(then, "leaves")
    first, rows = second(then, now, withdrawn=True)
    gone = set(then["company_id"]) - set(now["company_id"])
    agreed = set(now["company_id"])
    own = then.filter(pl.col("company_id").is_in(gone))
    touched = set(over_margins(own, KEYS).select(CELL).iter_rows())
    code = {tuple(key): c for *key, c in rows.select(*CELL, "suppression_code").iter_rows()}
    figures = rows.filter(pl.col("suppression_code") == PENDING).select("company_count", "mean_score", "share_high_pct")
    assert all(code[key] != NONE for key in touched) and figures.null_count().row(0) == (figures.height,) * 3
    assert any(c == NONE for key, c in code.items() if key not in touched), "and only its own"
    # It comes back with the same answer: everything is as it was.
    again = renew(fresh(then), then, before(then, first), agreed | gone, RULES, VALUES, "third")
    assert again.drop("world_id").equals(first.sort(CELL))


def test_an_erased_company_stays_a_change() -> None:
    """Its id and score are gone from the memory; that somebody was there is not, so its figures are not held."""
    then = people(1, 120)
    now = changed(then, "leaves")
    victim = (set(then["company_id"]) - set(now["company_id"])).pop()
    own = pl.col("company_id") == victim
    marked = then.with_columns(
        dependency_score=pl.when(~own).then("dependency_score"), company_id=pl.when(own).then(pl.lit("erasure")).otherwise("company_id")
    )  # fmt: skip
    rows = renew(fresh(now), now, before(marked, fresh(then)), set(now["company_id"]), RULES, VALUES, "second")
    assert rows.filter(pl.all_horizontal(pl.col(c) == "TOTAL" for c in CELL))["suppression_code"].to_list() == [PENDING]


def test_what_is_pending_is_renewed_when_enough_others_changed() -> None:
    then = people(1, 120)
    fewer = changed(then, "leaves")
    first, rows = second(then, fewer, withdrawn=True)
    worlds = [World("first", first, then)]
    later = pl.concat([fewer, people(5, 60, 2000)])
    kept = Before(rows.select(*CELL, "world_id"), worlds)
    third = renew(fresh(later), later, kept, set(later["company_id"]), RULES, VALUES, "third")
    total = third.filter(pl.all_horizontal(pl.col(c) == "TOTAL" for c in CELL))
    assert total["world_id"].to_list() == ["third"] and total["company_count"].to_list() == [179]


def test_every_remembered_publication_is_respected() -> None:
    """Six join, then the six leave and one joins: the second step moves seven, and still the first release is one away."""
    then = people(1, 120)
    six, one = people(3, 6, 3000), people(4, 1, 4000)
    middle, last = pl.concat([then, six]), pl.concat([then, one])
    worlds = [World("first", fresh(then), then), World("second", fresh(middle), middle)]
    kept = Before(fresh(middle).select(*CELL, world_id=pl.lit("second")), worlds)
    rows = renew(fresh(last), last, kept, set(middle["company_id"]) | set(last["company_id"]), RULES, VALUES, "third")
    assert set(rows["world_id"]) == {"second"}


def test_a_stricter_k_hides_what_it_would_not_publish() -> None:
    then = people(1, 120)
    first = fresh(then)
    smallest = first["company_count"].min()
    assert isinstance(smallest, int)
    rules = DisclosureRules(k=smallest + 1)
    rows = renew(first, then, before(then, first), set(then["company_id"]), rules, VALUES, "second")
    assert rows["company_count"].min() == first.filter(pl.col("company_count") > smallest)["company_count"].min()


def test_figures_made_under_other_limits_are_held() -> None:
    """A share of high scores that counted from 70 does not fit a region that counts from 1: nothing is renewed, nothing breaks."""
    then = people(1, 120)
    now = pl.concat([then, people(2, 60, 1000)])
    values = ValueRules(high_from=1.0)
    rows = renew(fresh(now), now, before(then, fresh(then)), set(now["company_id"]), RULES, values, "second")
    assert set(rows["world_id"]) == {"first"}


def test_without_a_memory_everything_is_new() -> None:
    then = people(1, 60)
    rows = renew(fresh(then), then, None, set(then["company_id"]), RULES, VALUES, "first")
    assert set(rows["world_id"]) == {"first"} and rows.height == fresh(then).height


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.integers(0, 25), st.integers(0, 12), st.integers(0, 12))
def test_no_two_releases_tell_of_few(seed: int, joining: int, leaving: int, moving: int) -> None:
    then = people(seed, 60, sizes=(3, 4, 2))
    draw = np.random.default_rng(seed)
    left = then.sample(60 - leaving, seed=seed)
    places = draw.permutation(left.height) < moving
    score = pl.when(pl.Series(places)).then((pl.col("dependency_score") + 37) % 100).otherwise("dependency_score")
    now = pl.concat([left.with_columns(dependency_score=score), people(seed + 1, joining, 5000, (3, 4, 2))])
    first, rows = second(then, now)
    found = attacked(then, now, first, rows)
    assert found.is_empty(), found
