"""Suppression against an attacker who shares no code with it: his own equations, his own linear programmes."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from warehouse.privacy.disclosure import DisclosureRules, protect
from warehouse.privacy.disclosure_cube import DisclosureError

K = 5
EXAMPLES = 30
HIDDEN = ("primary_n", "primary_dominance", "secondary")


def cube(companies):
    """Publish every margin of the companies, given as (code, code, ...) with a weight at the end."""
    width = len(companies[0]) - 1
    out = {}
    for mask in itertools.product((False, True), repeat=width):
        for *codes, weight in companies:
            key = tuple("TOTAL" if summed else code for code, summed in zip(codes, mask, strict=True))
            out.setdefault(key, []).append(weight)
    rows = []
    for key, weights in out.items():
        largest = sorted(weights, reverse=True)
        whole = sum(largest)
        rows.append((*key, len(largest), largest[0] / whole, sum(largest[:2]) / whole))
    names = [f"d{i}" for i in range(width)]
    columns = [*names, "company_count", "max_contribution_share", "two_max_contribution_share"]
    return pl.DataFrame(rows, schema=columns, orient="row"), names


def table(counts):
    """A two-way table of equally large companies from a list of rows of counts."""
    cells = [(f"r{i}", f"c{j}", n) for i, row in enumerate(counts) for j, n in enumerate(row)]
    return cube([(r, c, 1.0) for r, c, n in cells for _ in range(n)])


def primary_only(cells):
    """What a publisher does who knows the two primary rules and nothing of subtraction."""
    small = pl.col("company_count") < K
    dominated = (pl.col("max_contribution_share") > 0.75) | (pl.col("two_max_contribution_share") > 0.85)
    code = pl.when(small).then(pl.lit("primary_n")).when(dominated).then(pl.lit("primary_dominance"))
    return cells.with_columns(suppression_code=code.otherwise(pl.lit("none")))


def attack(published, names, reads_codes=False):
    """Range of every hidden count: {key: (true count, least, most)} by two programmes per cell."""
    keys = [tuple(key) for key in published.select(names).iter_rows()]
    count = dict(zip(keys, published["company_count"], strict=True))
    code = dict(zip(keys, published["suppression_code"], strict=True))
    unknown = [key for key in keys if code[key] != "none"]
    matrix, right = [], []
    for position in range(len(names)):
        for total in (key for key in keys if key[position] == "TOTAL"):

            def is_member(key, total=total, position=position):
                rest = all(a == b for i, (a, b) in enumerate(zip(key, total, strict=True)) if i != position)
                return rest and key[position] != "TOTAL"

            members = [key for key in keys if is_member(key)]
            if not members:
                continue  # This margin is not broken down any further in what is published.
            terms = [(total, -1), *((key, 1) for key in members)]
            matrix.append([sum(s for key, s in terms if key == u) for u in unknown])
            right.append(-sum(sign * count[key] for key, sign in terms if code[key] == "none"))
    bounds = [(1, 1000)] * len(unknown)
    if reads_codes:
        bounds = [(1, K - 1) if code[u] == "primary_n" else (K, 1000) for u in unknown]
    found = {}
    for i, key in enumerate(unknown):
        ends = []
        for sign in (1, -1):
            objective = [sign * (i == j) for j in range(len(unknown))]
            answer = linprog(objective, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
            assert answer.status == 0, answer.message
            ends.append(sign * answer.fun)
        found[key] = (count[key], *ends)
    return found


def recovered(found, tolerance=0.2):
    """Cells whose whole range of whole numbers lies within the tolerance of the truth."""
    return {
        key
        for key, (truth, least, most) in found.items()
        if np.ceil(least - 1e-6) >= (1 - tolerance) * truth - 1e-6
        and np.floor(most + 1e-6) <= (1 + tolerance) * truth + 1e-6
    }


def codes_of(published, names):
    return {tuple(key): code for *key, code in published.select(*names, "suppression_code").iter_rows()}


def assert_lines_hold(published, names):
    """The rules of each line, from the cube as published: never one hidden cell alone, never too small a group."""
    keys = {
        tuple(row[:-2]): row[-2:] for row in published.select(*names, "company_count", "suppression_code").iter_rows()
    }
    for position, total in itertools.product(range(len(names)), keys):
        if total[position] != "TOTAL":
            continue
        members = [
            key
            for key in keys
            if key[position] != "TOTAL"
            and all(a == b for i, (a, b) in enumerate(zip(key, total, strict=True)) if i != position)
        ]
        hidden = [key for key in members if keys[key][1] != "none"]
        if keys[total][1] == "none":
            assert len(hidden) != 1, f"{hidden} follows from {total}"
            assert not hidden or sum(keys[key][0] for key in hidden) >= K, f"{hidden} together are too few"
        else:
            assert hidden or not members, f"{total} follows from its members"


def test_nothing_small_nothing_hidden():
    cells, names = table([[9, 8], [7, 6]])
    assert set(protect(cells, names)["suppression_code"]) == {"none"}


def test_a_small_cell_is_covered_in_every_line_by_the_least_count():
    cells, names = table([[2, 9, 30], [8, 7, 20], [25, 40, 50]])
    published = protect(cells, names)
    code = codes_of(published, names)
    assert code["r0", "c0"] == "primary_n"
    # Least in its row and column, and the cell that closes the rectangle.
    assert {key for key, c in code.items() if c == "secondary"} == {("r0", "c1"), ("r1", "c0"), ("r1", "c1")}
    assert not recovered(attack(published, names)) and not recovered(attack(published, names, reads_codes=True))


def test_the_attack_succeeds_where_only_the_primary_rules_are_kept():
    """The control: the same attacker, the same table, no cover. Were he blind, the tests here would prove nothing."""
    cells, names = table([[2, 9, 30], [8, 7, 20], [25, 40, 50]])
    found = attack(primary_only(cells), names)
    assert recovered(found) == {("r0", "c0")} and found["r0", "c0"] == (2, 2, 2)


BRIDGE = [[3, 3, 20, 21, 30], [3, 3, 4, 22, 31], [23, 24, 3, 3, 32], [25, 26, 3, 3, 33], [27, 28, 29, 30, 34]]


def test_a_bridge_that_no_single_line_shows_is_found_by_the_audit():
    """Two blocks of hidden cells joined by one: every line has two or more hidden cells, and still the bridge follows.

    Rows 0 and 1 together hold the first block and the bridge, columns 0 and 1 the first block alone.
    """
    cells, names = table(BRIDGE)
    assert_lines_hold(primary_only(cells), names)
    assert ("r1", "c2") in recovered(attack(primary_only(cells), names))
    published = protect(cells, names)
    assert not recovered(attack(published, names))
    assert_lines_hold(published, names)
    assert (published["suppression_code"] == "secondary").sum() < 8, "and not by hiding half the table"


def test_a_group_of_hidden_cells_is_not_a_small_cell_itself():
    cells, names = table([[1, 1, 20, 9], [1, 2, 21, 8], [30, 31, 32, 33]])
    published = protect(cells, names)
    code = codes_of(published, names)
    assert code["r0", "c3"] == "secondary", "1 and 1 follow as a sum of 2 from the row total"
    assert_lines_hold(published, names)


def test_a_dominated_cell_is_hidden_and_its_cover_dilutes_it():
    sizes = {"c1": 5, "c2": 60, "c3": 70}
    small = [("r0", "c0")] * 5 + [("r0", c) for c, n in sizes.items() for _ in range(n)]
    small += [("r1", c) for c in ("c0", *sizes) for _ in range(20)]
    companies = [("r0", "c0", 40.0), *((r, c, 1.0) for r, c in small)]
    cells, names = cube(companies)
    rules = DisclosureRules(codes_are_published=False)  # The line rule alone; who reads codes asks for more.
    code = codes_of(protect(cells, names, rules=rules), names)
    assert code["r0", "c0"] == "primary_dominance" and code["r0", "TOTAL"] == "none"
    # Without sizes the count stands for them: 40/45 of 6 heads is 48 % of 11, so five more companies look enough.
    assert code["r0", "c1"] == "secondary" and code["r0", "c2"] == "none"
    # By their true sizes the large one would still hold 40 of 50.
    sized = cells.join(cube_volume(cells, names, companies), on=names)
    code = codes_of(protect(sized, names, rules=rules, volume="volume"), names)
    assert code["r0", "c1"] == code["r0", "c2"] == "secondary"


def cube_volume(cells, names, companies):
    rows = []
    for key in cells.select(names).iter_rows():
        inside = [w for *codes, w in companies if all(k in ("TOTAL", c) for k, c in zip(key, codes, strict=True))]
        rows.append((*key, float(sum(inside))))
    return pl.DataFrame(rows, schema=[*names, "volume"], orient="row")


def test_dominance_limits_are_exclusive_and_an_unknown_share_counts_as_dominance():
    cells = pl.DataFrame(
        {
            "d0": ["a", "b", "c", "d", "e"],
            "company_count": [9, 9, 9, 9, 0],
            "max_contribution_share": [0.75, 0.76, 0.5, None, None],
            "two_max_contribution_share": [0.85, 0.80, 0.86, None, None],
        }
    )
    codes = protect(cells, ["d0"])["suppression_code"].to_list()
    assert codes == ["none", "primary_dominance", "primary_dominance", "primary_dominance", "none"]
    assert set(protect(cells, ["d0"], contributions=None)["suppression_code"]) == {"none"}


def test_empty_cells_stay_visible_and_are_no_cover():
    cells, names = table([[2, 0, 30], [8, 7, 20], [25, 40, 50]])
    empty = pl.DataFrame([("r0", "c1", 0, None, None)], schema=cells.schema, orient="row")
    published = protect(pl.concat([cells, empty]), names)
    code = codes_of(published, names)
    assert code["r0", "c1"] == "none" and code["r0", "c2"] == "secondary"
    assert published.height == cells.height + 1 and published["suppression_code"][-1] == "none"


def test_a_line_of_one_member_hides_its_total_with_it():
    cells, names = table([[3, 0], [30, 40]])
    code = codes_of(protect(cells, names), names)
    assert code["r0", "c0"] == code["r0", "TOTAL"] == "primary_n"
    only, names = table([[6], [3], [40]])
    code = codes_of(protect(only, names), names)
    assert (code["r1", "c0"] == "none") == (code["r1", "TOTAL"] == "none")
    assert (code["r0", "c0"] == "none") == (code["r0", "TOTAL"] == "none")


def three_way(seed, sizes=(3, 4, 3), companies=160):
    random = np.random.default_rng(seed)
    codes = [random.choice(n, companies, p=(w := 1 / np.arange(1, n + 1)) / w.sum()) for n in sizes]
    weight = np.exp(random.normal(0, 1, companies))
    return cube([(f"k{a}", f"w{b}", f"s{c}", float(w)) for a, b, c, w in zip(*codes, weight, strict=True)])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_three_way_cube_withstands_the_attack_that_opens_it_unprotected(seed):
    cells, names = three_way(seed)
    assert recovered(attack(primary_only(cells), names)), "the control is recovered"
    published = protect(cells, names)
    assert not recovered(attack(published, names))
    assert_lines_hold(published, names)
    is_shown = published["suppression_code"] == "none"
    shown, known = (published.filter(m)["company_count"].to_list() for m in (is_shown, pl.lit(True)))
    assert sum(shown) > 0.5 * sum(known), "hiding everything would be no answer"


def test_a_reader_of_the_codes_needs_more_cover():
    """2 + 5 = 7: who knows that 'secondary' means at least 5 and 'primary_n' at most 4 has but one more step."""
    cells, names = table([[1, 5, 30], [5, 6, 20], [25, 40, 50]])
    careless = protect(cells, names, rules=DisclosureRules(codes_are_published=False))
    assert not recovered(attack(careless, names))
    assert ("r0", "c0") in recovered(attack(careless, names, reads_codes=True), tolerance=0.0)
    careful = protect(cells, names)
    assert not recovered({k: v for k, v in attack(careful, names, reads_codes=True).items() if v[0] < K}, tolerance=0.0)


def test_only_some_margins_published():
    cells, names = three_way(3)
    for absent in (
        pl.all_horizontal(pl.col(n) != "TOTAL" for n in names),
        pl.col("d2") == "TOTAL",
        pl.all_horizontal(pl.col(n) == "TOTAL" for n in names),
    ):
        part = cells.filter(~absent)
        published = protect(part, names)
        assert published.filter(
            pl.col("company_count").is_between(1, K - 1) & (pl.col("suppression_code") == "none")
        ).is_empty()
        assert not recovered(attack(published, names)), "fewer margins never open what was closed"


def test_sums_that_agree_over_a_margin_nobody_publishes():
    """Two breakdowns of the same companies without any total: their sums are equal all the same."""
    cells = pl.DataFrame(
        [("a", "TOTAL", 20), ("b", "TOTAL", 3), ("TOTAL", "x", 12), ("TOTAL", "y", 11)],
        schema=["d0", "d1", "company_count"],
        orient="row",
    )
    published = protect(cells, ["d0", "d1"], contributions=None)
    assert (published["suppression_code"] != "none").sum() >= 2, "3 = 12 + 11 - 20"
    alone = cells.filter(pl.col("d1") == "TOTAL")
    assert protect(alone, ["d0", "d1"], contributions=None)["suppression_code"].to_list() == [
        "none",
        "primary_n",
    ]


def test_single_companies_under_a_small_total_end_the_search():
    """A total below k with as many members: the codes alone say 1 and 1; no cover can hide that, nothing else opens."""
    cells, names = table([[1, 1, 1, 1], [30, 20, 25, 40], [31, 21, 26, 41]])
    published = protect(cells, names)
    assert not recovered(attack(published, names))
    assert (published["suppression_code"] == "none").sum() > 4


def test_the_order_of_rows_does_not_matter_and_is_kept():
    cells, names = three_way(1)
    shuffled = cells.sample(fraction=1.0, shuffle=True, seed=2)
    first, second = protect(cells, names), protect(shuffled, names)
    assert second.drop("suppression_code").equals(shuffled)
    assert codes_of(first, names) == codes_of(second, names)
    as_enum = cells.with_columns(pl.col(names).cast(pl.Categorical))
    assert protect(as_enum, names)["suppression_code"].to_list() == first["suppression_code"].to_list()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda c: c.filter(pl.col("d0") != "r0"), "sum of their members"),
        (lambda c: c.filter((pl.col("d0") != "TOTAL") | (pl.col("d1") != "c0")), "sum of their members"),
        (lambda c: pl.concat([c, c.head(1)]), "occurs twice"),
        (lambda c: c.with_columns(d0=pl.lit(None, pl.String)), "holds NULL"),
        (lambda c: c.with_columns(pl.col("company_count").cast(pl.Float64)), "whole numbers"),
        (lambda c: c.with_columns(pl.col("company_count") - 10), "whole numbers"),
        (lambda c: c.with_columns(max_contribution_share=pl.lit(0.99)), "out of order"),
    ],
)
def test_a_cube_that_does_not_add_up_is_refused(change, word):
    cells, names = table([[9, 8], [7, 6]])
    with pytest.raises(DisclosureError, match=word):
        protect(change(cells), names)


def test_an_audit_too_large_is_refused_and_never_skipped():
    cells, names = three_way(0)
    with pytest.raises(DisclosureError, match="hang together"):
        protect(cells, names, rules=DisclosureRules(max_unknowns=10))


def test_nothing_to_publish():
    cells, names = table([[9, 8], [7, 6]])
    assert protect(cells.clear(), names).columns == [*cells.columns, "suppression_code"]


three_way_companies = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("vwxyz"),
        st.sampled_from("pqr"),
        st.sampled_from([1.0, 3.0, 40.0]),
    ),
    min_size=1,
    max_size=90,
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(three_way_companies)
def test_no_cube_gives_a_hidden_count_away(companies):
    cells, names = cube(companies)
    published = protect(cells, names)
    sensitive = {key for key, code in codes_of(primary_only(cells), names).items() if code != "none"}
    code = codes_of(published, names)
    assert all(code[key] in HIDDEN[:2] for key in sensitive)
    assert_lines_hold(published, names)
    assert not recovered(attack(published, names))
    # Who reads the codes gains nothing on small cells that hiding everything else would have kept from him.
    everything = published.with_columns(
        suppression_code=pl.when(pl.col("suppression_code") == "none")
        .then(pl.lit("secondary"))
        .otherwise("suppression_code")
    )
    by_codes_alone = recovered(attack(everything, names, reads_codes=True))
    assert recovered(attack(published, names, reads_codes=True)) & sensitive <= by_codes_alone
