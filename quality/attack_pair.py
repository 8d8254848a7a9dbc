"""The attack on two releases together: what a reader who kept the first learns from the second about few companies.

Belongs here: the reader's equations, written from the published columns of both files. Like ``attack`` it shares no code
with the suppression (``warehouse/privacy``). Does not belong here: what follows from a finding.

The reader knows, for every cell, how many companies joined, left or answered anew, as somebody does who knows the firms;
he does not know their answers. A row of the second file that bears an earlier run than the newest one is an old figure, and
says nothing of now. He wins where he tells, to within a fifth, the answers of fewer than k companies, or a figure that
neither file shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from quality.attack import DIMENSIONS, FIGURES, SHARED_LOOKS, SLACK, TOP_SCORE, Array, Knowledge, knowledge, lines_of

FINDING = {**dict.fromkeys(DIMENSIONS, pl.String), "figure": pl.String, "truth": pl.Float64, "low": pl.Float64, "high": pl.Float64}  # fmt: skip
KEY = list(DIMENSIONS)
MOST = 1e6
NAMES = ("company_count", "score_sum", "high_count")


@dataclass(frozen=True, eq=False)
class Wanted:
    """One thing to find out: ``weights`` of the unknowns ``places``, and what they truly add up to."""

    cell: int
    name: str
    places: tuple[int, ...]
    weights: tuple[float, ...]
    truth: float
    is_whole: bool


def won(
    first: pl.DataFrame, second: pl.DataFrame, truths: tuple[pl.DataFrame, pl.DataFrame], moves: pl.DataFrame, k: int,
    high_from: float, tolerance: float = 0.2,
) -> pl.DataFrame:  # fmt: skip
    """What the second file adds to the first: cells, figures, their truth and the range found; empty where nothing.

    Args:
        first, second: rows of one wave and driver as served, with ``published_run_id``; the first of one run only.
        truths: DIMENSIONS, company_count, score_sum, high_count of every cell then and now.
        moves: DIMENSIONS, joined, left, changed: companies, where any.
    """
    cells = sorted({*_keys(first), *_keys(second), *_keys(truths[0]), *_keys(truths[1])})
    frame = pl.DataFrame(cells, schema=dict.fromkeys(KEY, pl.String), orient="row")
    then_id = first["published_run_id"][0]
    now = second.filter(pl.col("published_run_id") != then_id)
    moved = frame.join(moves, on=KEY, how="left", maintain_order="left").fill_null(0)
    true = [frame.join(t, on=KEY, how="left", maintain_order="left").select(NAMES).fill_null(0) for t in truths]
    shown = _world(frame, first, true[0], k, high_from), _world(frame, now, true[1], k, high_from)
    nothing = _world(frame, now.clear(), true[1], k, high_from)
    wanted = _wanted(frame, first, now, true, moved, k)
    found = _told(_joined(shown[0], shown[1], moved, k), wanted, tolerance)
    before = _told(_joined(shown[0], nothing, moved, k), [wanted[i] for i in found], tolerance)
    old = {i for place, i in enumerate(found) if place in before}
    rows = [(*cells[wanted[i].cell], wanted[i].name, wanted[i].truth, *found[i]) for i in sorted(set(found) - old)]
    return pl.DataFrame(rows, schema=FINDING, orient="row")


def _keys(rows: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(rows.select(KEY).iter_rows())


def _world(frame: pl.DataFrame, rows: pl.DataFrame, truth: pl.DataFrame, k: int, high_from: float) -> Knowledge:
    """One file's equations over all cells; of a cell without a row he knows only that counts are not negative."""
    seen = frame.join(rows.select(*KEY, *FIGURES, "suppression_code"), on=KEY, how="left", maintain_order="left")
    known = knowledge(seen.with_columns(pl.col("suppression_code").fill_null("unsaid")), k, high_from, reads_codes=True)
    n = frame.height
    for i in np.flatnonzero(seen["suppression_code"].is_null().to_numpy()):
        # A cell in which nobody stands is as good as known: a row would have been published.
        known.low[i] = 0
        known.high[[i, n + i, 2 * n + i]] = 0 if truth["company_count"][int(i)] == 0 else MOST
    return known


def _joined(then: Knowledge, now: Knowledge, moved: pl.DataFrame, k: int) -> Knowledge:
    """Both files' equations, and how far each cell can have moved between them."""
    n = then.cells
    joined, left, changed = (moved[c].to_numpy().astype(np.float64) for c in ("joined", "left", "changed"))
    exact = changed < k
    low = np.concatenate([np.where(exact, joined - left, -left), -TOP_SCORE * left, -left])
    high = np.concatenate([np.where(exact, joined - left, joined), TOP_SCORE * joined, joined])
    one, none = eye_array(3 * n), csr_array((3 * n, 3 * n))
    equal = vstack([
        hstack([then.equal, csr_array((_height(then.equal), 6 * n))]),
        hstack([csr_array((_height(now.equal), 3 * n)), now.equal, csr_array((_height(now.equal), 3 * n))]),
        hstack([-one, one, -one]),
    ])  # fmt: skip
    below = vstack([
        hstack([then.below, csr_array((_height(then.below), 6 * n))]),
        hstack([csr_array((_height(now.below), 3 * n)), now.below, csr_array((_height(now.below), 3 * n))]),
        hstack([none, none, none]),
    ])  # fmt: skip
    return Knowledge(
        n, csr_array(equal), csr_array(below), np.concatenate([then.low, now.low, low]), np.concatenate([then.high, now.high, high])
    )  # fmt: skip


def _wanted(
    frame: pl.DataFrame, first: pl.DataFrame, now: pl.DataFrame, true: list[pl.DataFrame], moved: pl.DataFrame, k: int
) -> list[Wanted]:  # fmt: skip
    n = frame.height
    found = []
    changed = moved["changed"].to_numpy()
    values = [np.column_stack([t[c].to_numpy().astype(np.float64) for c in NAMES]) for t in true]
    for cell in np.flatnonzero((changed > 0) & (changed < k)):
        for block in (1, 2):
            truth = float(values[1][cell, block] - values[0][cell, block])
            if abs(truth) > SLACK:
                found.append(
                    Wanted(
                        int(cell),
                        f"change of {NAMES[block]}",
                        (int(6 * n + block * n + cell),),
                        (1.0,),
                        truth,
                        block == 2,
                    )
                )
    found += _groups(list(frame.iter_rows()), now, values, changed, k)
    both = (
        frame.join(first, on=KEY, how="left", maintain_order="left"),
        frame.join(now, on=KEY, how="left", maintain_order="left"),
    )
    for offset, rows, value, other in ((0, both[0], values[0], both[1]), (3 * n, both[1], values[1], both[0])):
        for cell in range(n):
            code, cover = rows["suppression_code"][cell], rows["suppression_code"][cell] == "secondary"
            if (
                code is None
                or code == "none"
                or cover
                or value[cell, 0] == 0
                or other["suppression_code"][cell] == "none"
            ):
                continue
            for block in range(3):
                found.append(
                    Wanted(cell, NAMES[block], (offset + block * n + cell,), (1.0,), float(value[cell, block]), block != 1)
                )  # fmt: skip
    return found


def _groups(
    keys: list[tuple[str, ...]], now: pl.DataFrame, values: list[Array], changed: Array, k: int
) -> list[Wanted]:  # fmt: skip
    """Members of one total that the second file leaves out, where together fewer than k of their companies changed."""
    fresh, n, found = _keys(now), len(keys), []
    for total, members in lines_of(keys):
        silent = [m for m in members if keys[m] not in fresh and changed[m]]
        if len(silent) > 1 and sum(changed[silent]) < k:
            truth = float((values[1][silent, 1] - values[0][silent, 1]).sum())
            if abs(truth) > SLACK:
                places = tuple(int(7 * n + m) for m in silent)
                found.append(Wanted(total, "change of a group", places, (1.0,) * len(silent), truth, False))
    return found


def _height(matrix: csr_array) -> int:
    return len(matrix.indptr) - 1


def _told(known: Knowledge, wanted: list[Wanted], tolerance: float) -> dict[int, tuple[float, float]]:
    """Which of the wanted lie within the tolerance in every possible world, with their range."""
    size = len(known.low)
    edges = [sorted(((1 - tolerance) * w.truth, (1 + tolerance) * w.truth)) for w in wanted]
    ranges = [[np.inf, -np.inf] for _ in wanted]
    is_open = set(range(len(wanted)))

    def look(objective: Array) -> None:
        world = _extreme(known, objective)
        for i in sorted(is_open):
            value = sum(
                weight * world[place] for place, weight in zip(wanted[i].places, wanted[i].weights, strict=True)
            )
            low, high = (np.ceil(value - SLACK), np.floor(value + SLACK)) if wanted[i].is_whole else (value, value)
            ranges[i] = [min(ranges[i][0], low), max(ranges[i][1], high)]
            if ranges[i][0] < edges[i][0] - SLACK or ranges[i][1] > edges[i][1] + SLACK:
                is_open.discard(i)

    draw = np.random.default_rng(7)
    for _ in range(SHARED_LOOKS if wanted else 0):
        look(draw.uniform(-1, 1, size))
    for i in sorted(is_open):
        for sign in (1.0, -1.0):
            if i in is_open:
                objective = np.zeros(size)
                objective[list(wanted[i].places)] = np.array(wanted[i].weights) * sign
                look(objective)
    return {i: (float(ranges[i][0]), float(ranges[i][1])) for i in sorted(is_open)}


def _extreme(known: Knowledge, objective: Array) -> Array:
    found = linprog(
        objective, A_eq=known.equal, b_eq=np.zeros(_height(known.equal)), A_ub=known.below, b_ub=np.zeros(_height(known.below)),
        bounds=np.column_stack([known.low, known.high]), method="highs",
    )  # fmt: skip
    if found.x is None:
        raise ValueError(f"the published figures contradict each other: {found.message}")
    return found.x
