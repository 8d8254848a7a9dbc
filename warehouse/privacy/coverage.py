"""How much of the official employment respondents stand for, without anybody's headcount following from it.

Belongs here: which shares of a table (one wave, one part of industry) may be shown, and which are held from the release
before. Does not belong here: the rules of cells and lines (``disclosure``) or reading anything.

A share times the official employees is the sum of the respondents' headcounts, to half a tenth of a percent of the
employees. Analysts see every respondent's size band beside it, under a pseudonym. So a share is shown for k respondents or
more of whom none dominates; others are covered until a linear programme (``coverage_programme``) narrows no hidden sum and
nobody's headcount down to within a fifth beyond what the bands say. From release to release a share stays as it is until k
companies changed of whom none dominates, and while the same programme over all publications together could use its renewal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from warehouse.privacy.coverage_programme import SHARE, Attack, Publication
from warehouse.privacy.disclosure import NONE, DisclosureRules, protect
from warehouse.privacy.disclosure_changes import CELL, World, over_margins
from warehouse.privacy.disclosure_cube import TOTAL, DisclosureError, Key, build_cube
from warehouse.privacy.disclosure_renewal import PENDING, Before
from warehouse.steps import step

SHARES = ("max_share", "two_max_share")
FIGURES = {"coverage_pct": pl.Float64, "suppression_code": pl.String}


def sums(respondents: pl.DataFrame, keys: Collection[Key]) -> pl.DataFrame:
    """Respondents, headcount and shares of the largest, per cell of these keys' margins."""
    size = pl.col("headcount")
    return (
        over_margins(respondents, keys)
        .group_by(CELL)
        .agg(
            company_count=pl.len().cast(pl.Int64), headcount=size.sum(),
            max_share=size.max() / size.sum(), two_max_share=size.top_k(2).sum() / size.sum(),
        )
        .sort(CELL)
    )  # fmt: skip


def shown(
    respondents: pl.DataFrame, official: pl.DataFrame, keys: Collection[Key], rules: DisclosureRules
) -> pl.DataFrame:
    """CELL, coverage_pct (percent, one decimal, blank where hidden) and suppression_code of one table by itself.

    Args:
        respondents: company_id, CELL (band 'TOTAL'), headcount (persons, above 0).
        official: CELL, employees_count.
        keys: cells whose margins make up the table.
    """
    cells = sums(respondents, keys)
    if cells.is_empty():
        return pl.DataFrame(schema={**dict.fromkeys(CELL, pl.String), **FIGURES})
    cells = cells.join(official.select(*CELL, "employees_count"), on=CELL, how="left", maintain_order="left")
    pct = pl.when(pl.col("employees_count") > 0).then((100 * pl.col("headcount") / pl.col("employees_count")).round(1))
    cells = cells.with_columns(coverage_pct=pct)
    hide: set[Key] = set()
    while True:
        coded = protect(cells, CELL, contributions=SHARES, rules=rules, volume="headcount", hide=hide)
        more = _more(coded, respondents, rules)
        if not more:
            break
        hide |= more
    blank = pl.when(pl.col("suppression_code") == NONE).then("coverage_pct")
    return coded.select(*CELL, coverage_pct=blank, suppression_code="suppression_code")


def _more(coded: pl.DataFrame, respondents: pl.DataFrame, rules: DisclosureRules) -> set[Key]:
    """Beside each headcount or hidden sum that follows from the shown ones, the shown cell of fewest respondents."""
    cube = build_cube(coded, CELL, "company_count")
    keys = list(coded[cube.row_of_cell.tolist()].select(CELL).iter_rows())
    shown_keys, hidden_keys = _split(coded)
    own = Publication(respondents.select("company_id", *CELL, "headcount"), coded.select(CELL + SHARE))
    found = Attack([own], [hidden_keys], rules.k, rules.protection).told(shown_keys)
    place, more = {key: cell for cell, key in enumerate(keys)}, set()
    for key in sorted(found):
        reach = {place[key]}
        while not (free := [c for c in reach if c < len(keys) and keys[c] in shown_keys]):
            around = reach.union(*(cube.lines[n].cells for c in reach for n in cube.lines_of_cell.get(c, ())))
            if around == reach:
                break
            reach = around
        if free:
            more.add(keys[min(free, key=lambda c: (int(cube.count[c]), c))])
    return more


def _split(table: pl.DataFrame) -> tuple[set[Key], set[Key]]:
    """Cells whose shares are shown, and those that are hidden."""
    code = pl.col("suppression_code")
    shown_rows = table.filter((code == NONE) & pl.col("coverage_pct").is_not_null())
    return set(shown_rows.select(CELL).iter_rows()), set(table.filter(code != NONE).select(CELL).iter_rows())


def renewed(
    fresh: pl.DataFrame, official: pl.DataFrame, respondents: pl.DataFrame, before: Before | None, agreed: Collection[str],
    keys: Collection[Key], rules: DisclosureRules, world_id: str,
) -> pl.DataFrame:  # fmt: skip
    """The rows to publish: CELL, coverage_pct, suppression_code, world_id; held ones as the release before has them.

    Args:
        fresh: what :func:`shown` gave; official and respondents: what it was given.
        before: figures with coverage_pct; contributions with the headcount as ``dependency_score``.
    """
    new = fresh.select(*CELL, *FIGURES).with_columns(world_id=pl.lit(world_id))
    if before is None or not before.worlds:
        return new
    held: set[Key] = set()
    for world in before.worlds:
        held |= _too_few(world, respondents, keys, rules)
    for world in before.worlds:
        held |= _too_few(world, respondents, keys, rules, held)
    held |= _usable(fresh, official, respondents, before.worlds, held, rules)
    figures = pl.concat(
        [w.figures.select(*CELL, *FIGURES).with_columns(world_id=pl.lit(w.world_id)) for w in before.worlds]
    )
    served = before.in_force.join(figures, on=[*CELL, "world_id"], how="inner")
    is_held = [key in held for key in new.select(CELL).iter_rows()]
    kept = served.filter(pl.Series([key in held for key in served.select(CELL).iter_rows()], dtype=pl.Boolean))
    gone = pl.concat(
        over_margins(w.contributions.filter(~pl.col("company_id").is_in(list(agreed))).select(CELL), keys)
        .unique().with_columns(world_id=pl.lit(w.world_id), is_gone=pl.lit(True)) for w in before.worlds
    )  # fmt: skip
    marked = kept.join(gone, on=[*CELL, "world_id"], how="left")
    pending = pl.col("is_gone").fill_null(False) & (pl.col("suppression_code") == NONE)
    kept = marked.with_columns(
        coverage_pct=pl.when(~pending).then("coverage_pct"),
        suppression_code=pl.when(pending).then(pl.lit(PENDING)).otherwise("suppression_code"),
    )
    return pl.concat([new.filter(~pl.Series(is_held, dtype=pl.Boolean)), kept.select(new.columns)]).sort(CELL)


def _usable(
    fresh: pl.DataFrame, official: pl.DataFrame, respondents: pl.DataFrame, worlds: Sequence[World], held: set[Key],
    rules: DisclosureRules,
) -> set[Key]:  # fmt: skip
    """Cells to be held besides, because an analyst who kept all publications could use their renewal."""
    employees = official.select(*CELL, "employees_count")
    publications, hidden = [], []
    for people, table in (
        *((w.contributions.select("company_id", *CELL, headcount="dependency_score"), w.figures) for w in worlds),
        (respondents.select("company_id", *CELL, "headcount"), fresh),
    ):
        visible, covered = _split(table)
        said = table.filter(pl.Series([key in visible for key in table.select(CELL).iter_rows()], dtype=pl.Boolean))
        publications.append(Publication(people, said.join(employees, on=CELL, how="left").select(CELL + SHARE)))
        hidden.append(covered)
    # A held sum is about as it was; what must not follow from today's are those hidden before and now.
    hidden[-1] -= held
    attack = Attack(publications, hidden, rules.k, rules.protection)
    free = _split(fresh)[0] - held
    counts = _respondents(respondents, free)
    more: set[Key] = set()
    try:
        while free and (found := attack.told(free, anyway=())):
            dropped = _nearest(found, free, counts)
            free, more = free - dropped, more | dropped
    except DisclosureError as error:
        # Figures made under other limits (bands of another codebook) do not fit today's programme.
        step("workshop", "held", f"a table of coverage stays as it was published: {error.problem}")
        more |= free
    return more


def _respondents(respondents: pl.DataFrame, keys: Collection[Key]) -> dict[Key, int]:
    rows = over_margins(respondents.select(CELL), keys).group_by(CELL).len()
    return {tuple(key): int(count) for *key, count in rows.iter_rows()}


def _nearest(found: set[Key], free: set[Key], counts: dict[Key, int]) -> set[Key]:
    """For each cell found out the free one of fewest respondents that it shares respondents with, or of all that are left."""
    dropped: set[Key] = set()
    for key in sorted(found):
        near = [f for f in free if all(TOTAL in (a, b) or a == b for a, b in zip(key, f, strict=True))]
        dropped.add(min(near or free, key=lambda f: (counts.get(f, 0), f)))
    return dropped


def _too_few(
    world: World, respondents: pl.DataFrame, keys: Collection[Key], rules: DisclosureRules, hide: Collection[Key] = ()
) -> set[Key]:  # fmt: skip
    """Cells in which fewer than k companies changed their headcount, or one or two make up the change; and their cover."""
    then = world.contributions.select("company_id", *CELL, was=pl.col("dependency_score").fill_null(1.0))
    now = respondents.select("company_id", *CELL, now="headcount")
    ends = then.join(now, on=["company_id", *CELL], how="full", coalesce=True).with_columns(
        moved=(pl.col("now").fill_null(0) - pl.col("was").fill_null(0)).abs()
    )
    moved = pl.col("moved")
    cells = over_margins(ends, keys).group_by(CELL).agg(
        company_count=(moved > 0).sum().cast(pl.Int64), volume=moved.sum().cast(pl.Float64),
        max_share=(moved.max() / moved.sum()).fill_nan(0.0), two_max_share=(moved.top_k(2).sum() / moved.sum()).fill_nan(0.0),
    ).sort(CELL)  # fmt: skip
    silent = replace(rules, codes_are_published=False)
    coded = protect(cells, CELL, contributions=SHARES, rules=silent, volume="volume", hide=set(hide))
    still = (pl.col("suppression_code") != NONE) | (pl.col("company_count") == 0)
    return set(coded.filter(still).select(CELL).iter_rows())
