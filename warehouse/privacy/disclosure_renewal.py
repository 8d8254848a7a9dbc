"""Which cells of a published table are renewed and which are held as they were published last.

Belongs here: that decision, cell by cell. Does not belong here: how a table is protected by itself (``disclosure``,
``disclosure_values``), who changed (``disclosure_changes``), the attack on two releases (``disclosure_pair``) or where
earlier publications are remembered (``disclosure_memory``).

A cell is held (same value, count and code) while fewer than k companies changed in it since any publication that is
remembered. The others are renewed kind by kind, totals first: what lets a smaller change follow by subtraction stays held,
and so does what the attack on both releases together can use. Holding says nothing new, so holding everything is always
safe.

A held figure still counts a company that left. That is not allowed for one whose consent was withdrawn or that was
erased: such a figure is published no more. Where it cannot be renewed either it is hidden as 'pending'.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from warehouse.privacy.disclosure import NONE, DisclosureRules
from warehouse.privacy.disclosure_changes import CELL, World, all_keys, covered, over_margins, too_few_changed
from warehouse.privacy.disclosure_cube import TOTAL, DisclosureError, Key
from warehouse.privacy.disclosure_pair import Pair
from warehouse.privacy.disclosure_values import ValueRules
from warehouse.steps import step

PENDING = "pending"
SHOWN = {
    "company_count": pl.Int64,
    "mean_score": pl.Float64,
    "share_high_pct": pl.Float64,
    "suppression_code": pl.String,
}
# Attempts at renewing one kind of cells (all Kreise, say), each with fewer of them; after the last they are all held.
ATTEMPTS = 4


@dataclass(frozen=True, eq=False)
class Before:
    """What is remembered of a table.

    in_force: CELL and world_id of every row of the served release. worlds: every remembered publication, with those.
    """

    in_force: pl.DataFrame
    worlds: Sequence[World]


def renew(
    fresh: pl.DataFrame, after: pl.DataFrame, before: Before | None, agreed: Collection[str], rules: DisclosureRules,
    values: ValueRules, world_id: str,
) -> pl.DataFrame:  # fmt: skip
    """The rows to publish: CELL, company_count, mean_score, share_high_pct, suppression_code, world_id.

    Args:
        fresh: the table protected by itself: CELL, company_count, mean_score, share_high_pct (blank where hidden),
            suppression_code.
        after: contributions of now: company_id, CELL, dependency_score.
        agreed: companies whose consent is in force; a figure that counts another one is not held.
        world_id: name of this publication.
    """
    new = fresh.select(*CELL, *SHOWN).with_columns(world_id=pl.lit(world_id))
    if before is None or not before.worlds:
        return new
    served = _served(before)
    held = _held(new, after, before, served, rules, values)
    kept = _without_gone(served.filter(_is_in(held)), before.worlds, agreed, rules)
    return pl.concat([new.filter(~_is_in(held)), kept.select(new.columns)]).sort(CELL)


def _is_in(keys: Collection[Key]) -> pl.Expr:
    listed = [dict(zip(CELL, key, strict=True)) for key in sorted(keys)]
    schema = pl.Struct(dict.fromkeys(CELL, pl.String))
    return pl.struct(CELL).is_in(pl.Series(listed, dtype=schema).implode())


def _served(before: Before) -> pl.DataFrame:
    """The figures in force, each from the publication it was made for."""
    figures = [w.figures.select(*CELL, *SHOWN).with_columns(world_id=pl.lit(w.world_id)) for w in before.worlds]
    return before.in_force.select(*CELL, "world_id").join(pl.concat(figures), on=[*CELL, "world_id"], how="inner")


def _held(
    new: pl.DataFrame, after: pl.DataFrame, before: Before, served: pl.DataFrame, rules: DisclosureRules,
    values: ValueRules,
) -> set[Key]:  # fmt: skip
    shown = {*new.select(CELL).iter_rows(), *served.select(CELL).iter_rows()}
    pairs = [Pair(w, after, new, served, all_keys(w, after, shown), rules, values) for w in before.worlds]
    everything: set[Key] = set().union(*(pair.keys for pair in pairs))
    free = set(everything)
    for pair in pairs:
        free -= too_few_changed(pair.world, after, pair.keys, rules, values.range_min)
    try:
        return everything - _renewable(free, everything, pairs, rules, values)
    except DisclosureError as error:
        # Figures made under other limits (another score that counts as high) do not fit today's programme.
        step("workshop", "held", f"a survey table stays as it was published: {error.problem}")
        return everything


def _renewable(
    free: set[Key], everything: set[Key], pairs: list[Pair], rules: DisclosureRules, values: ValueRules
) -> set[Key]:
    """What can be renewed together, kind by kind, totals first."""
    renewed: set[Key] = set()
    for kind in sorted({_kind(key) for key in free}):
        batch = {key for key in free if _kind(key) == kind}
        for _ in range(ATTEMPTS):
            batch = _covered(renewed, batch, everything, pairs, rules, values)
            if not batch:
                break
            held = everything - renewed - batch
            failing = {key for pair in pairs for key in pair.reopened(held & set(pair.keys))}
            if not failing:
                renewed |= batch
                break
            batch -= _nearest(failing, batch, pairs[0])
    return renewed


def _kind(key: Key) -> tuple[int, tuple[bool, ...]]:
    """Totals first: how many dimensions a cell is cut by, and which."""
    cut = tuple(code != TOTAL for code in key)
    return sum(cut), cut


def _covered(
    renewed: set[Key], batch: set[Key], everything: set[Key], pairs: list[Pair], rules: DisclosureRules, values: ValueRules
) -> set[Key]:  # fmt: skip
    """What of the batch can be renewed by the rule of lines; nothing where it costs a cell that is renewed already."""
    while batch:
        held = everything - renewed - batch
        more = {
            key
            for p in pairs
            for key in covered(p.world, p.after, p.keys, held & set(p.keys), rules.k, values.range_min)
        }
        if not more & (renewed | batch):
            return batch
        batch = batch - more if not more & renewed else set()
    return batch


def _nearest(failing: set[Key], batch: set[Key], pair: Pair) -> set[Key]:
    """Beside each failing cell the nearest of the batch, of fewest companies; all where none is near."""
    cube, place = pair.cube, {key: cell for cell, key in enumerate(pair.keys)}
    found: set[Key] = set()
    for key in sorted(failing & set(place)):
        reach: set[int] = {place[key]}
        while not (near := {pair.keys[c] for c in reach if c < len(pair.keys)} & batch):
            around = reach.union(*(cube.lines[n].cells for c in reach for n in cube.lines_of_cell.get(c, ())))
            if around == reach:
                break
            reach = around
        if near and not near & found:
            found.add(min(near, key=lambda k: (int(cube.count[place[k]]), k)))
    return found or set(batch)


def _without_gone(
    kept: pl.DataFrame, worlds: Sequence[World], agreed: Collection[str], rules: DisclosureRules
) -> pl.DataFrame:
    """Held rows; a figure that counts a company that did not agree, or too few for today's rules, is pending."""
    keys = list(kept.select(CELL).iter_rows())
    touched = [
        over_margins(w.contributions.filter(~pl.col("company_id").is_in(list(agreed))).select(CELL), keys)
        .unique()
        .with_columns(world_id=pl.lit(w.world_id), is_gone=pl.lit(True))
        for w in worlds
    ]
    marked = kept.join(pl.concat(touched), on=[*CELL, "world_id"], how="left")
    is_pending = (pl.col("suppression_code") == NONE) & (
        pl.col("is_gone").fill_null(False) | (pl.col("company_count") < rules.k)
    )
    return marked.with_columns(
        suppression_code=pl.when(is_pending).then(pl.lit(PENDING)).otherwise("suppression_code"),
        **{name: pl.when(~is_pending).then(name) for name in SHOWN if name != "suppression_code"},
    )
