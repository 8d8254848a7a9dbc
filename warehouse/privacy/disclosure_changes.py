"""Who changed in which cell between an earlier publication and now, and which cells may therefore not be renewed.

Belongs here: sums over margins, changed companies per cell, and the table of changes protected like any other table. Does
not belong here: what is published in the end (``disclosure_renewal``) or the attack on both (``disclosure_pair``).

A contribution is one company's answer behind one table: its base cell and its score. In a cell a company changed when it
joined, left, or gave another score; who only moved between two cells did not change in their total. A company whose score
moved by less than ``moved_min`` points counts as changed, but hides nobody: five of them and one that joined are one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from warehouse.privacy.disclosure import DisclosureRules
from warehouse.privacy.disclosure_cube import TOTAL, Key, build_cube

CELL = ["kreis_ags", "wz2_code", "headcount_band_code"]
SAME = 1e-9
# In the table of changes a company that hides others weighs so much, one that hides nobody 1: both add up over cells.
HIDES = 1_000_000
# Stands for a score nobody keeps any more (an erased company's); it is never published or judged by itself.
UNKNOWN_SCORE = 50.0


@dataclass(frozen=True, eq=False)
class World:
    """One publication of one table (a wave and driver), and from whom it was made.

    figures: CELL, company_count, mean_score, share_high_pct, suppression_code; every row ever published from it.
    contributions: company_id, CELL, dependency_score (NULL for an erased company).
    """

    world_id: str
    figures: pl.DataFrame
    contributions: pl.DataFrame

    @property
    def keys(self) -> set[Key]:
        """Cells that a row was published of."""
        return set(self.figures.select(CELL).iter_rows())


def over_margins(rows: pl.DataFrame, keys: Collection[Key]) -> pl.DataFrame:
    """Every row once per margin that occurs among the keys, with TOTAL where the margin sums over a dimension."""
    margins = sorted({tuple(code == TOTAL for code in key) for key in keys})
    parts = [
        rows.with_columns(pl.lit(TOTAL).alias(name) for name, summed in zip(CELL, margin, strict=True) if summed)
        for margin in margins
    ]
    return pl.concat(parts) if parts else rows.clear()


def tally(contributions: pl.DataFrame, keys: Collection[Key], high_from: float) -> pl.DataFrame:
    """company_count, score_sum and high_count of every cell of these keys' margins."""
    score = pl.col("dependency_score").fill_null(UNKNOWN_SCORE)
    return (
        over_margins(contributions, keys)
        .group_by(CELL)
        .agg(company_count=pl.len().cast(pl.Int64), score_sum=score.sum(), high_count=(score >= high_from).sum().cast(pl.Int64))
        .sort(CELL)
    )  # fmt: skip


def changes(before: pl.DataFrame, after: pl.DataFrame, keys: Collection[Key], moved_min: float) -> pl.DataFrame:
    """Per cell: joined, left, changed (companies), hiding (those of them that hide others), and units.

    Cells in which nobody changed and no base cell moved have no row. Units add up over cells, unlike companies: HIDES per
    company and base cell that hides others, 1 per one that does not.
    """
    columns = ["company_id", *CELL, "dependency_score"]
    ends = pl.concat([
        before.select(columns).with_columns(side=pl.lit(-1)), after.select(columns).with_columns(side=pl.lit(1)),
    ]).with_columns(pl.col("dependency_score").fill_null(UNKNOWN_SCORE))  # fmt: skip
    base = _net(ends, moved_min)
    # Only who changed in a base cell can have changed in a sum.
    moved = over_margins(ends.join(base.select("company_id").unique(), on="company_id", how="semi"), keys)
    number = pl.col("number")
    per_cell = (
        _net(moved, moved_min)
        .group_by(CELL)
        .agg(
            joined=(number >= 0).sum().cast(pl.Int64),
            left=(number <= 0).sum().cast(pl.Int64),
            changed=pl.len().cast(pl.Int64),
            hiding=pl.col("hides").sum().cast(pl.Int64),
        )
    )
    weight = pl.when("hides").then(HIDES).otherwise(1)
    units = over_margins(base, keys).group_by(CELL).agg(units=weight.sum().cast(pl.Int64))
    counts = ("joined", "left", "changed", "hiding")
    return units.join(per_cell, on=CELL, how="left").with_columns(pl.col(counts).fill_null(0)).sort(CELL)


def _net(ends: pl.DataFrame, moved_min: float) -> pl.DataFrame:
    """Company and cell with ``number`` (1 joined, -1 left, 0 another score) and whether it ``hides`` others."""
    net = ends.group_by("company_id", *CELL).agg(
        number=pl.col("side").sum(), moved=(pl.col("side") * pl.col("dependency_score")).sum().abs()
    )
    number, moved = pl.col("number"), pl.col("moved")
    return net.filter((number != 0) | (moved > SAME)).with_columns(hides=(number != 0) | (moved >= moved_min))


def all_keys(world: World, after: pl.DataFrame, shown: Collection[Key]) -> list[Key]:
    """Every cell that is published, or that somebody stands in at either time, of the margins that are published."""
    keys = {*world.keys, *shown}
    for contributions in (world.contributions, after):
        keys |= set(over_margins(contributions.select(CELL).unique(), keys).unique().iter_rows())
    return sorted(keys)


def too_few_changed(
    world: World, after: pl.DataFrame, keys: list[Key], rules: DisclosureRules, moved_min: float
) -> set[Key]:
    """Cells that this publication told of and in which fewer than k companies changed since, unchanged ones included."""
    many = changes(world.contributions, after, keys, moved_min).filter(pl.col("hiding") >= rules.k)
    told = world.keys | (set(keys) - set(tally(world.contributions, keys, 0).select(CELL).iter_rows()))
    return told - set(many.select(CELL).iter_rows())


def covered(world: World, after: pl.DataFrame, keys: list[Key], held: set[Key], k: int, moved_min: float) -> set[Key]:
    """Cells to be held beside ``held``, so that no change of fewer than k companies follows from one total by subtraction.

    A renewed total less its renewed members is the change of the members held; in each line where that is too few, the
    renewed cell in which fewest changed is held too.
    """
    known = changes(world.contributions, after, keys, moved_min)
    frame = pl.DataFrame(keys, schema=dict.fromkeys(CELL, pl.String), orient="row").join(known, on=CELL, how="left")
    frame = frame.with_columns(pl.exclude(CELL).fill_null(0))
    cube = build_cube(frame, CELL, "units")
    is_held = np.ones(len(cube.count), dtype=np.bool_)
    is_held[: len(keys)] = [keys[row] in held for row in cube.row_of_cell]
    more: set[Key] = set()
    waiting = True
    while waiting:
        waiting = False
        for line in cube.lines:
            silent = sum(int(cube.count[m]) for m in line.members if is_held[m])
            if not is_held[line.total] and 0 < silent < k * HIDES:
                cell = min((c for c in line.cells if not is_held[c]), key=lambda c: (int(cube.count[c]), c))
                is_held[cell] = waiting = True
                more.add(keys[cube.row_of_cell[cell]])
    return more
