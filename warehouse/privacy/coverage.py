"""How much of the official employment respondents stand for, without anybody's headcount following from it.

Belongs here: which shares of a table (one wave, one part of industry) may be shown, and which are held from the release
before. Does not belong here: the rules of cells and lines (``disclosure``) or reading anything.

A share times the official employees is the sum of the respondents' headcounts, to half a tenth of a percent of the
employees. Analysts see every respondent's size band beside it, under a pseudonym. So a share is shown for k respondents or
more of whom none dominates; others are covered until a linear programme narrows no hidden sum down to within a fifth beyond
what the bands say; and from release to release a share stays as it is until k companies changed of whom none dominates.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import polars as pl
from scipy.sparse import coo_array, csr_array

from warehouse.privacy.disclosure import NONE, DisclosureRules, protect
from warehouse.privacy.disclosure_changes import CELL, World, over_margins
from warehouse.privacy.disclosure_cube import Cube, Key, build_cube
from warehouse.privacy.disclosure_programme import Figure, Programme, search
from warehouse.privacy.disclosure_renewal import PENDING, Before

BANDS = {"1-9": (1, 9), "10-19": (10, 19), "20-49": (20, 49), "50-249": (50, 249)}
LARGEST = 100_000.0
HALF_STEP = 0.05 + 1e-9
SHARES = ("max_share", "two_max_share")
FIGURES = {"coverage_pct": pl.Float64, "suppression_code": pl.String}


def sums(respondents: pl.DataFrame, keys: Collection[Key]) -> pl.DataFrame:
    """Respondents, headcount, shares of the largest, and what the size bands alone say, per cell of these keys' margins."""
    size = pl.col("headcount")
    low = pl.col("band").replace_strict({b: v[0] for b, v in BANDS.items()}, default=250.0, return_dtype=pl.Float64)
    high = pl.col("band").replace_strict({b: v[1] for b, v in BANDS.items()}, default=LARGEST, return_dtype=pl.Float64)
    return (
        over_margins(respondents, keys)
        .group_by(CELL)
        .agg(
            company_count=pl.len().cast(pl.Int64), headcount=size.sum(), low=low.sum(), high=high.sum(),
            max_share=size.max() / size.sum(), two_max_share=size.top_k(2).sum() / size.sum(),
        )
        .sort(CELL)
    )  # fmt: skip


def shown(
    respondents: pl.DataFrame, official: pl.DataFrame, keys: Collection[Key], rules: DisclosureRules
) -> pl.DataFrame:
    """CELL, coverage_pct (percent, one decimal, blank where hidden) and suppression_code of one table by itself.

    Args:
        respondents: company_id, CELL (band 'TOTAL'), band, headcount (persons, above 0).
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
        more = _more(coded, rules)
        if not more:
            break
        hide |= more
    blank = pl.when(pl.col("suppression_code") == NONE).then("coverage_pct")
    return coded.select(*CELL, coverage_pct=blank, suppression_code="suppression_code")


def _more(coded: pl.DataFrame, rules: DisclosureRules) -> set[Key]:
    """Beside each hidden sum that follows from the shown ones, the shown cell of fewest respondents in its lines."""
    cube = build_cube(coded, CELL, "company_count")
    rows = coded[cube.row_of_cell.tolist()]
    hidden = rows.select((pl.col("suppression_code") != NONE) | pl.col("coverage_pct").is_null()).to_series().to_numpy()
    wanted = np.flatnonzero(rows.select(pl.col("suppression_code") != NONE).to_series().to_numpy())
    figure = Figure(wanted, wanted, None, rows["headcount"].to_numpy()[wanted].astype(np.float64), False)
    found = search(_known(cube, rows, hidden), [figure], rules.protection)
    if found:  # what the bands alone say is nobody's secret
        everything = np.ones(len(hidden), dtype=np.bool_)
        told = search(_known(cube, rows, everything), [figure], rules.protection)
        found -= told
    keys, more = list(rows.select(CELL).iter_rows()), set()
    for cell in sorted(found):
        reach = {cell}
        while not (free := [c for c in reach if c < len(keys) and not hidden[c] and cube.count[c]]):
            around = reach.union(*(cube.lines[n].cells for c in reach for n in cube.lines_of_cell.get(c, ())))
            if around == reach:
                break
            reach = around
        if free:
            more.add(keys[min(free, key=lambda c: (int(cube.count[c]), c))])
    return more


def _known(cube: Cube, rows: pl.DataFrame, hidden: np.ndarray) -> Programme:
    """The reader's programme over the headcounts of all cells."""
    size, end = len(cube.count), cube.published_count
    low, high = np.zeros(size), np.full(size, LARGEST * max(int(cube.count.sum()), 1))
    low[:end], high[:end] = rows["low"].to_numpy(), rows["high"].to_numpy()
    pct, employees = (rows[c].cast(pl.Float64).fill_null(0).to_numpy() for c in ("coverage_pct", "employees_count"))
    seen = np.flatnonzero(~hidden)
    low[seen] = np.maximum(low[seen], (pct - HALF_STEP)[seen] * employees[seen] / 100)
    high[seen] = np.minimum(high[seen], (pct + HALF_STEP)[seen] * employees[seen] / 100)
    lines = [(i, c, -1.0 if c == line.total else 1.0) for i, line in enumerate(cube.lines) for c in line.cells]
    row, column, sign = zip(*lines, strict=True) if lines else ((), (), ())
    equal = csr_array(coo_array((np.array(sign, dtype=float), (np.array(row, dtype=int), np.array(column, dtype=int))), shape=(len(cube.lines), size)))  # fmt: skip
    return Programme(equal=equal, low=low, high=high)


def renewed(
    fresh: pl.DataFrame, respondents: pl.DataFrame, before: Before | None, agreed: Collection[str], keys: Collection[Key],
    rules: DisclosureRules, world_id: str,
) -> pl.DataFrame:  # fmt: skip
    """The rows to publish: CELL, coverage_pct, suppression_code, world_id; held ones as the release before has them.

    Args:
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
