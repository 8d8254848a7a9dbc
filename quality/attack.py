"""The attack on published survey aggregates: what a reader of the file can compute about figures it does not show.

Belongs here: the reader's equations, written from the published columns alone, and the programmes that solve them. It
shares no code with the suppression (``warehouse/privacy``), so that an error there is not repeated here. Does not belong
here: what follows from a finding (``suites``), or the truth, which a caller who has it hands in to judge the ranges.

The reader knows: which cells add up to which; counts; means rounded to 0.1 and shares of high ones rounded to 0.1 as
intervals; that scores lie in 0 to 100 and a high one at ``high_from`` or above; that counts are whole; and that every
company counts once. A reader of the codes also knows which hidden cells hold fewer than k companies and which do not.
From him the cells below k and the dominated ones are kept; that a cell of 29 companies, hidden to cover one of 3, has
between 28 and 31 follows from the codes and says nothing of anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack

DIMENSIONS = ("kreis_ags", "wz2_code", "headcount_band_code")
FIGURES = ("company_count", "mean_score", "share_high_pct")
TOTAL = "TOTAL"
TOP_SCORE = 100.0
ROUNDING = 0.05 + 1e-9
SLACK = 1e-6
SHARED_LOOKS = 30
FINDING = {
    **dict.fromkeys(DIMENSIONS, pl.String), "figure": pl.String, "truth": pl.Float64, "low": pl.Float64,
    "high": pl.Float64,
}  # fmt: skip
Array = np.ndarray


@dataclass(frozen=True)
class Target:
    """One figure nobody published: ``numerator`` of ``cell`` (0 count, 1 sum, 2 high ones), alone or per company."""

    name: str
    cell: int
    numerator: int
    per_company: bool
    truth: float

    @property
    def is_whole(self) -> bool:
        return not self.per_company and self.numerator != 1


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The reader's programme over [counts, sums, high counts] of all cells of one wave and driver."""

    cells: int
    equal: csr_array
    below: csr_array
    low: Array
    high: Array

    def extreme(self, objective: Array) -> Array | None:
        """A possible world where the objective is least; None where it has no end."""
        found = linprog(
            objective, A_eq=self.equal, b_eq=np.zeros(len(self.equal.indptr) - 1), A_ub=self.below,
            b_ub=np.zeros(len(self.below.indptr) - 1), bounds=np.column_stack([self.low, self.high]), method="highs",
        )  # fmt: skip
        if found.status == 3:
            return None
        if found.x is None:
            raise ValueError(f"the published figures contradict each other: {found.message}")
        return found.x


def knowledge(rows: pl.DataFrame, k: int, high_from: float, *, reads_codes: bool) -> Knowledge:
    """What the rows of one wave and driver say, as a linear programme."""
    keys = list(rows.select(DIMENSIONS).iter_rows())
    n = len(keys)
    code = rows["suppression_code"].to_list()
    count, mean, share = (rows[c].to_list() for c in ("company_count", "mean_score", "share_high_pct"))
    most = float(max([c for c in count if c is not None], default=k) * 10 + 10 * k)
    low, high = np.zeros(3 * n), np.full(3 * n, np.inf)
    for i in range(n):
        if count[i] is not None:
            low[i] = high[i] = count[i]
            high[n + i], high[2 * n + i] = TOP_SCORE * count[i], count[i]
            if mean[i] is not None:
                low[n + i] = max(0.0, count[i] * (mean[i] - ROUNDING))
                high[n + i] = min(high[n + i], count[i] * (mean[i] + ROUNDING))
            if share[i] is not None:
                low[2 * n + i] = np.ceil(count[i] * (share[i] - ROUNDING) / 100 - SLACK)
                high[2 * n + i] = np.floor(count[i] * (share[i] + ROUNDING) / 100 + SLACK)
        else:
            low[i], high[i] = 1, most
            if reads_codes:
                low[i], high[i] = (1, k - 1) if code[i] == "primary_n" else (k, most)
            high[n + i], high[2 * n + i] = TOP_SCORE * most, most
    ones = np.arange(n)

    def rule(on_count: float, on_sum: float, on_high: float) -> coo_array:
        values = np.concatenate([np.full(n, on_count), np.full(n, on_sum), np.full(n, on_high)])
        return coo_array((values, (np.tile(ones, 3), np.arange(3 * n))), shape=(n, 3 * n))

    below = vstack([
        rule(-TOP_SCORE, 1, 0),  # nobody above the top
        rule(-1, 0, 1),  # not more high ones than companies
        rule(0, -1, high_from),  # every high one has at least that score
        rule(-high_from, 1, high_from - TOP_SCORE),  # everybody else stays below it
    ])  # fmt: skip
    return Knowledge(n, _sums(keys), csr_array(below), low, high)


def _sums(keys: list[tuple[str, ...]]) -> csr_array:
    """Every total less its members is nothing: for the counts, the sums and the high ones alike."""
    n, lines = len(keys), list(lines_of(keys))
    rows, columns, values = [], [], []
    for block in range(3):
        for number, (total, members) in enumerate(lines):
            for cell, sign in [(total, -1.0), *((m, 1.0) for m in members)]:
                rows.append(block * len(lines) + number)
                columns.append(block * n + cell)
                values.append(sign)
    return csr_array((values, (rows, columns)), shape=(3 * len(lines), 3 * n))


def lines_of(keys: list[tuple[str, ...]]) -> Iterator[tuple[int, list[int]]]:
    """Every total among the keys with its members, by their places."""
    for position in range(len(DIMENSIONS)):
        groups: dict[tuple[str, ...], list[int]] = {}
        totals: dict[tuple[str, ...], int] = {}
        for i, key in enumerate(keys):
            rest = (*key[:position], *key[position + 1 :])
            if key[position] == TOTAL:
                totals[rest] = i
            else:
                groups.setdefault(rest, []).append(i)
        yield from ((totals[rest], members) for rest, members in groups.items() if rest in totals)


def targets(rows: pl.DataFrame, truth: pl.DataFrame, high_from: float, *, reads_codes: bool) -> list[Target]:
    """Every figure of these rows that is kept from the reader, with its true value.

    ``truth`` has the dimensions, company_count, score_sum and high_count. A share that follows from the published count
    and mean of its own cell is not withheld: a mean of 8 says by itself that nobody is high.
    """
    true = {key: rest for *key, n, s, h in truth.select(*DIMENSIONS, "company_count", "score_sum", "high_count").iter_rows()
            for key, rest in [(tuple(key), (n, s, h))]}  # fmt: skip
    found = []
    for i, row in enumerate(rows.iter_rows(named=True)):
        n, s, h = true[tuple(row[d] for d in DIMENSIONS)]
        is_hidden = row["company_count"] is None
        if reads_codes and is_hidden and row["suppression_code"] == "secondary":
            continue
        if is_hidden:
            found.append(Target("company_count", i, 0, False, n))
        if row["mean_score"] is None:
            found += [Target("score_sum", i, 1, False, s), Target("mean_score", i, 1, True, s / n)]
        if row["share_high_pct"] is None and (is_hidden or not _own_mean_says(row, high_from)):
            found += [Target("high_count", i, 2, False, h), Target("share_high_pct", i, 2, True, h / n)]
    return found


def _own_mean_says(row: dict[str, object], high_from: float) -> bool:
    n, mean = row["company_count"], row["mean_score"]
    if not isinstance(n, int) or not isinstance(mean, float):
        return False
    most = np.floor(min(n, n * (mean + ROUNDING) / high_from) + SLACK)
    least = np.ceil(max(0.0, n * (mean - ROUNDING - high_from) / (TOP_SCORE - high_from)) - SLACK)
    return bool(least >= most)


def recovered(
    rows: pl.DataFrame, truth: pl.DataFrame, k: int, high_from: float, *, reads_codes: bool, tolerance: float = 0.2
) -> pl.DataFrame:
    """The unpublished figures of one wave and driver that a reader knows to within ``tolerance`` of the truth.

    Returns the cell, the figure, its truth and the range found; empty where the attack fails.
    """
    found = _found(rows, truth, k, high_from, tolerance, reads_codes)
    if found.is_empty() or not reads_codes:
        return found
    # What the codes say with every figure blank (four cells below a total below five) no suppression can take back.
    blank = rows.with_columns(pl.lit(None).alias(c).cast(rows.schema[c]) for c in FIGURES)
    told = _found(blank, truth, k, high_from, tolerance, reads_codes)
    return found.join(told, on=[*DIMENSIONS, "figure"], how="anti")


def _found(
    rows: pl.DataFrame, truth: pl.DataFrame, k: int, high_from: float, tolerance: float, reads_codes: bool
) -> pl.DataFrame:
    open_targets = targets(rows, truth, high_from, reads_codes=reads_codes)
    if not open_targets:
        return pl.DataFrame(schema=FINDING)
    known = knowledge(rows, k, high_from, reads_codes=reads_codes)
    wanted = _Open(known, open_targets, tolerance)
    signs = np.random.default_rng(20)
    for _ in range(SHARED_LOOKS):
        wanted.look(signs.choice((-1.0, 1.0), 3 * known.cells) * signs.random(3 * known.cells))
    found = [
        {**dict(zip(DIMENSIONS, rows.select(DIMENSIONS).row(t.cell), strict=True)), "figure": t.name, "truth": t.truth,
         "low": wanted.least[i], "high": wanted.most[i]}
        for i, t in enumerate(open_targets) if wanted.stays_known(i)
    ]  # fmt: skip
    return pl.DataFrame(found, schema=FINDING)


class _Open:
    """The targets that no possible world has yet put far from the truth."""

    def __init__(self, known: Knowledge, wanted: list[Target], tolerance: float) -> None:
        self.known, self.wanted = known, wanted
        truth = np.array([t.truth for t in wanted])
        self.floor, self.ceiling = (1 - tolerance) * truth - SLACK, (1 + tolerance) * truth + SLACK
        self.whole = np.array([t.is_whole for t in wanted])
        self.column = np.array([t.numerator * known.cells + t.cell for t in wanted])
        self.base = np.array([t.cell if t.per_company else -1 for t in wanted])
        self.is_open = np.ones(len(wanted), dtype=np.bool_)
        self.least, self.most = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)

    def look(self, objective: Array) -> None:
        """Solve once and close every target that this world shows to be open-ended."""
        world = self.known.extreme(objective)
        if world is None:
            return
        value = world[self.column] / np.where(self.base >= 0, np.maximum(world[self.base], 1e-9), 1.0)
        down = np.where(self.whole, np.ceil(value - SLACK), value)
        up = np.where(self.whole, np.floor(value + SLACK), value)
        self.least, self.most = np.minimum(self.least, down), np.maximum(self.most, up)
        self.is_open &= (self.least >= self.floor) & (self.most <= self.ceiling)

    def stays_known(self, i: int) -> bool:
        """Whether the whole range of one target lies near the truth, by programmes of its own."""
        target, bounds = self.wanted[i], (self.floor[i], self.ceiling[i])
        for sign, bound in zip((1.0, -1.0), bounds, strict=True):
            if self.is_open[i]:
                objective = np.zeros(3 * self.known.cells)
                objective[self.column[i]] = sign
                if target.per_company:  # numerator / count < bound, without the fraction
                    objective[target.cell] -= sign * bound
                self.look(objective)
        return bool(self.is_open[i])
